"""scikit-learn's own checks: all of them on tables; on images all that a table can be given to.

Image estimators keep the tag of two-dimensional input: with another one scikit-learn makes 1 check
instead of 47, and a green run would say nothing. So each check that feeds a table of numbers fails,
is listed here with its reason, and has an image-flavoured twin in this folder.
"""

from pathlib import Path

import pytest
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from ksfeat import FeatureExtractor, StoneClassifier
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.encoding import TableEncoder
from ksfeat.models.linear import LinearClassifier
from ksfeat.models.svm import SVMClassifier

TWINS = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_image_*.py"))

# Check: (why a table cannot pass it, the test that says the same of images).
BOTH = {
    "check_dict_unchanged": (
        "what transform or predict leave unchanged is first fitted to a table",
        "test_using_it_changes_nothing",
    ),
    "check_dont_overwrite_parameters": (
        "which attributes fit adds is looked at after fitting a table",
        "test_fit_adds_only_attributes_with_a_trailing_underscore",
    ),
    "check_dtype_object": (
        "numbers in an array of objects are no image; paths in one are",
        "test_pixels_that_are_no_numbers_are_refused",
    ),
    "check_estimators_dtypes": (
        "the types of number are tried on a table of 20 x 5",
        "test_every_type_of_number_gives_the_same",
    ),
    "check_estimators_empty_data_messages": (
        "the message for no data must speak of features; ours speaks of images",
        "test_no_image_is_refused",
    ),
    "check_estimators_fit_returns_self": (
        "fit must return the estimator, but of a table",
        "test_fit_returns_itself",
    ),
    "check_estimators_nan_inf": (
        "NaN is put into a table and must be told in scikit-learn's words",
        "test_pixels_that_are_no_numbers_are_refused",
    ),
    "check_estimators_overwrite_params": (
        "whether fit changes a parameter is looked at after fitting a table",
        "test_fit_changes_neither_images_nor_parameters",
    ),
    "check_estimators_pickle": (
        "what is pickled is first fitted to a table with NaN",
        "test_a_pickle_gives_the_same",
    ),
    "check_f_contiguous_array_estimator": (
        "a Fortran-ordered table is one image at most",
        "test_the_order_in_memory_does_not_matter",
    ),
    "check_fit2d_1feature": (
        "a table of one column is an image too small to be described",
        "test_a_table_is_refused",
    ),
    "check_fit2d_predict1d": (
        "a single row is to be refused in the words of tables",
        "test_a_single_image_is_refused_with_the_mend",
    ),
    "check_fit_check_is_fitted": (
        "that it counts as fitted after fit is shown on a table",
        "test_it_is_fitted_after_fit_alone",
    ),
    "check_fit_idempotent": (
        "that a second fit changes nothing is shown on a table of 80 x 2",
        "test_fitting_again_changes_nothing",
    ),
    "check_fit_score_takes_y": (
        "that y may be the second argument is shown with a table",
        "test_y_is_the_second_argument",
    ),
    "check_methods_sample_order_invariance": (
        "the order of rows is changed in a table",
        "test_each_image_keeps_its_result_in_any_order",
    ),
    "check_methods_subset_invariance": (
        "the table is cut into batches",
        "test_each_image_keeps_its_result_in_any_subset",
    ),
    "check_n_features_in": (
        "images have no fixed number of features, so there is no n_features_in_",
        "test_images_have_no_number_of_features",
    ),
    "check_n_features_in_after_fitting": (
        "images of another size are no error, as rows of another length are",
        "test_images_have_no_number_of_features",
    ),
    "check_pipeline_consistency": (
        "the pipeline is fitted to a table",
        "test_a_pipeline_gives_the_same",
    ),
    "check_positive_only_tag_during_fit": (
        "negative numbers are tried in a table",
        "test_every_type_of_number_gives_the_same",
    ),
    "check_readonly_memmap_input": (
        "the read-only memory map holds a table",
        "test_fit_changes_neither_images_nor_parameters",
    ),
}
OF_EXTRACTOR = {
    "check_fit2d_1sample": (
        "the message for one row must speak of samples; one image is not one row",
        "test_one_image",
    ),
    "check_complex_data": (
        "complex numbers are refused image by image, in the words of pixels",
        "test_pixels_that_are_no_numbers_are_refused",
    ),
    "check_transformer_data_not_an_array": (
        "an object that only converts itself to an array is no sequence of images",
        "test_every_sequence_of_images_gives_the_same",
    ),
    "check_transformer_general": (
        "fit_transform is compared with fit and transform on a table of 30 x 3",
        "test_fit_transform_is_fit_then_transform",
    ),
    "check_transformer_preserve_dtypes": (
        "the output is float64 whatever the pixels are",
        "test_every_type_of_number_gives_the_same",
    ),
}
OF_CLASSIFIER = {
    "check_all_zero_sample_weights_error": (
        "weights are judged after the images are described, and a table is not",
        "test_weights_that_cannot_be_used_are_refused",
    ),
    "check_classifier_data_not_an_array": (
        "an object that only converts itself to an array is no sequence of images",
        "test_every_sequence_of_images_gives_the_same",
    ),
    "check_classifiers_classes": (
        "classes of several types are told apart in a table",
        "test_labels_of_any_type_come_back",
    ),
    "check_classifiers_one_label_sample_weights": (
        "that weights leave one class is found after the images are described",
        "test_weights_that_cannot_be_used_are_refused",
    ),
    "check_classifiers_train": (
        "an accuracy above 0.83 is asked for on a table of blobs",
        "test_it_learns",
    ),
    "check_decision_proba_consistency": (
        "margins and probabilities are ranked on a table",
        "test_margins_probabilities_and_predictions_agree",
    ),
    "check_sample_weight_equivalence_on_dense_data": (
        "weights are compared with repeated rows of a table",
        "test_a_weight_of_two_is_an_image_that_stands_twice",
    ),
    "check_sample_weights_list": (
        "the list of weights comes with a table",
        "test_weights_of_any_kind_are_taken",
    ),
    "check_sample_weights_not_an_array": (
        "the weights come with an object that only converts itself to an array",
        "test_weights_of_any_kind_are_taken",
    ),
    "check_sample_weights_not_overwritten": (
        "the weights that must stay as they are come with a table",
        "test_weights_of_any_kind_are_taken",
    ),
    "check_sample_weights_pandas_series": (
        "the weights come with a DataFrame of numbers, in which no column is known to be paths",
        "test_weights_of_any_kind_are_taken",
    ),
    "check_sample_weights_shape": (
        "weights of a wrong shape come with a table",
        "test_weights_that_cannot_be_used_are_refused",
    ),
    "check_supervised_y_2d": (
        "labels in a column come with a table",
        "test_labels_in_a_column_warn",
    ),
}


@parametrize_with_checks(
    [XGBoostClassifier(n_estimators=20), SVMClassifier(), LinearClassifier(), TableEncoder()]
)
def test_table_estimators_pass_every_check(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    ("estimator", "listed"),
    [
        (FeatureExtractor("first_order"), BOTH | OF_EXTRACTOR),
        (StoneClassifier(FeatureExtractor("first_order"), "linear"), BOTH | OF_CLASSIFIER),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.filterwarnings("ignore:Can't check dok sparse matrix")
def test_image_estimators_fail_the_listed_checks_and_no_other(estimator, listed):
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    failed = {result["check_name"] for result in results if result["status"] == "failed"}
    # A listed check may be missing from another version of scikit-learn, but may not pass.
    assert failed == set(listed) & {result["check_name"] for result in results}
    assert len(results) > 40


@pytest.mark.parametrize("listed", [BOTH | OF_EXTRACTOR, BOTH | OF_CLASSIFIER])
def test_each_listed_check_has_its_own_reason_and_a_twin(listed):
    for reason, twin in listed.values():
        assert f"def {twin}(" in TWINS, twin
        assert len(reason.split()) > 5
    assert len({reason for reason, _ in listed.values()}) == len(listed)
