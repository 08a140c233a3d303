"""Numbers that would lead XGBoost or libsvm out of their arrays or in circles are refused."""

import copy
import json
import re

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat import ArtifactError, load_model, make_classifier
from ksfeat.models.payload import dump_model
from ksfeat.models.soundness import check_trees

CIRCLES = "a tree that leads nowhere or in circles"
WHOLE = "an index that is not a whole number"
UNFIT = "a tree whose arrays do not fit each other"
PLAIN = "a tree of another kind than `fit` makes"
PARENTS = "a tree whose parents are not those of its children"


def change(document, path, value):
    """Set one place of a nested document."""
    *way, last = path
    for step in way:
        document = document[step]
    document[last] = value


TREE = ("learner", "gradient_booster", "model", "trees", 0)
BOOSTER = ("learner", "gradient_booster", "model")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ((*TREE, "left_children", 0), 0, CIRCLES),
        ((*TREE, "right_children", 2), 1, CIRCLES),
        ((*TREE, "left_children", 0), 10**6, CIRCLES),
        ((*TREE, "left_children", 0), 10**12, CIRCLES),
        ((*TREE, "left_children", 0), -5, CIRCLES),
        ((*TREE, "right_children", 0), -1, CIRCLES),
        ((*TREE, "right_children", -1), 1, CIRCLES),
        ((*TREE, "left_children", 0), 1.5, WHOLE),
        ((*TREE, "left_children", 0), "1", WHOLE),
        ((*TREE, "left_children", 0), 10**30, WHOLE),
        ((*TREE, "split_indices", 0), 10**6, CIRCLES),
        ((*TREE, "split_indices", 0), -1, CIRCLES),
        ((*TREE, "split_indices", 0), 0.5, WHOLE),
        ((*TREE, "right_children", 0), 1, CIRCLES),
        ((*TREE, "left_children", 1), 2, CIRCLES),
        ((*TREE, "parents", 1), 2, PARENTS),
        ((*TREE, "parents", 0), 0, PARENTS),
        ((*TREE, "id"), 2, PLAIN),
        ((*TREE, "tree_param", "num_deleted"), "1", PLAIN),
        ((*TREE, "tree_param", "size_leaf_vector"), "-1", PLAIN),
        ((*TREE, "split_type", 0), 1, PLAIN),
        ((*TREE, "categories"), [1], PLAIN),
        ((*TREE, "categories_nodes"), [0], PLAIN),
        ((*TREE, "tree_param", "size_leaf_vector"), "3", PLAIN),
        ((*TREE, "tree_param", "num_nodes"), "1000000", UNFIT),
        ((*TREE, "split_conditions"), [0.5], UNFIT),
        ((*TREE, "default_left"), [], UNFIT),
        ((*TREE, "left_children"), [], UNFIT),
        ((*BOOSTER, "tree_info", 0), 7, "rounds"),
        ((*BOOSTER, "tree_info"), [0], "rounds"),
        ((*BOOSTER, "iteration_indptr", -1), 10**6, "rounds"),
        ((*BOOSTER, "iteration_indptr", 1), -3, "rounds"),
        ((*BOOSTER, "gbtree_model_param", "num_trees"), "1000000", "trees"),
        ((*BOOSTER, "trees"), [], "trees"),
        ((*BOOSTER, "cats"), {"enc": [1]}, "categories"),
        (("learner", "learner_model_param", "num_class"), "0", "size"),
        (("learner", "learner_model_param", "num_class"), "99", "size"),
        (("learner", "learner_model_param", "num_feature"), "1000000", "size"),
        (("learner", "learner_model_param", "num_target"), "2", "targets"),
        (("learner", "feature_names"), ["a"], "names"),
        (("learner", "feature_types"), ["c"], "names"),
        (("learner", "objective", "name"), "rank:pairwise", "kind"),
        (("learner", "gradient_booster", "name"), "gblinear", "kind"),
        (("learner", "gradient_booster", "name"), "dart", "kind"),
        (("learner", "learner_model_param", "base_score"), "[nan,nan,nan]", "model.json"),
        (("learner",), {}, "damaged"),
        ((*TREE, "left_children"), {}, "model.json"),
    ],
    ids=lambda value: "/".join(map(str, value[3:])) if isinstance(value, tuple) else None,
)
def test_trees_that_lead_astray_are_refused(saved, members, write, path, value, message):
    metadata, member, content = members(saved["xgboost"][0])
    document = json.loads(content)
    change(document, path, value)
    with pytest.raises(ArtifactError, match=message) as caught:
        load_model(write(metadata, member, json.dumps(document).encode()))
    assert str(caught.value).startswith("hostile.ksf: ")


def test_xgboost_reads_what_was_checked_and_nothing_beside_it(saved, members, write, images):
    """Two spellings are one name to Python, which takes the last, and two to XGBoost."""
    metadata, member, content = members(saved["xgboost"][0])
    document = json.loads(content)
    other = copy.deepcopy(document)
    change(other, (*TREE, "split_conditions", -1), 99.0)
    parts = (json.dumps(part["learner"]) for part in (other, document))
    text = '{{"learner": {}, "learn\\u0065r": {}, "version": [3, 0, 0]}}'.format(*parts)
    assert json.loads(text)["learner"] == document["learner"]
    loaded = load_model(write(metadata, member, text.encode()))
    expected = saved["xgboost"][1].decision_function(images)
    np.testing.assert_array_equal(loaded.decision_function(images), expected)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    st.integers(2, 5),
    st.integers(0, 7),
    st.sampled_from([0.0, 1.0, 20.0]),
    st.integers(0, 2**32 - 1),
)
def test_every_tree_that_fit_makes_is_sound(n_classes, depth, weight, seed):
    """Also stumps of one leaf, trees as deep as the data allows, and holes."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(60, 3)), np.arange(60) % n_classes
    X[rng.random(X.shape) < 0.2] = np.nan
    options = {"n_estimators": 3, "max_depth": depth, "min_child_weight": weight}
    model = make_classifier("xgboost", **options, reg_lambda=0.0, subsample=0.7).fit(X, y)
    check_trees(json.loads(dump_model(model)[1]), 3, n_classes)


def svm_bytes(saved, path, value):
    """Return the saved support vector machines with one attribute replaced."""
    classifier = saved["svm"][1]
    model = copy.deepcopy(classifier.model_)
    target = model.machines_[0] if path.startswith("machine.") else model
    target = model.encoder_ if path.startswith("encoder.") else target
    name = path.split(".")[-1]
    old = getattr(target, name)
    setattr(target, name, value(old) if callable(value) else value)
    return dump_model(model)[1]


def cut(array):
    return array[..., :-1]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("machine._n_support", np.array([10**6, 1], dtype=np.int32), "arrays do not fit"),
        ("machine._n_support", lambda old: old * np.array([-1, 3], dtype=np.int32), "do not fit"),
        ("machine._n_support", lambda old: old[:1], "arrays do not fit"),
        ("machine.support_vectors_", cut, "arrays do not fit"),
        ("machine.support_vectors_", lambda old: old[:-1], "arrays do not fit"),
        ("machine.support_", cut, "arrays do not fit"),
        ("machine.dual_coef_", cut, "arrays do not fit"),
        ("machine._dual_coef_", cut, "arrays do not fit"),
        ("machine._dual_coef_", lambda old: 2 * old, "arrays do not fit"),
        ("machine._intercept_", lambda old: old + 1, "arrays do not fit"),
        ("machine._intercept_", cut, "arrays do not fit"),
        ("machine._probA", np.zeros(9), "arrays do not fit"),
        ("machine.classes_", np.arange(99), "arrays do not fit"),
        ("machine._gamma", -1.0, "arrays do not fit"),
        ("machine.kernel", "precomputed", "arrays do not fit"),
        ("machine._impl", "one_class", "arrays do not fit"),
        ("machine._sparse", True, "arrays do not fit"),
        ("machine._dual_coef_", lambda old: old.astype(np.float32), "model.skops"),
        ("machines_", lambda old: old[:2], "not one machine a class"),
        ("machines_", lambda old: [*old, "text"], "not one machine a class"),
        ("encoder.kept_", lambda old: old + 10**6, "an encoder whose columns"),
        ("encoder.origin_", lambda old: old - 99, "an encoder whose columns"),
        ("encoder.origin_", lambda old: old.astype(float), "an encoder whose columns"),
        ("encoder.median_", cut, "an encoder whose columns"),
        ("encoder.mean_", cut, "an encoder whose columns"),
        ("encoder.indicated_", np.array([10**6]), "an encoder whose columns"),
        ("encoder.scale_", lambda old: 0 * old, "model.skops"),
        ("encoder_", None, "model.skops: damaged"),
        ("n_features_in_", 3, "holds another model than the metadata says"),
        ("classes_", np.array(["class 0", "class 2", "class 1"]), "holds another model"),
    ],
)
@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value|overflow):RuntimeWarning")
def test_machines_whose_arrays_do_not_fit_are_refused(saved, members, write, path, value, message):
    metadata, member, _ = members(saved["svm"][0])
    hostile = svm_bytes(saved, path, value)
    with pytest.raises(ArtifactError, match=message) as caught:
        load_model(write(metadata, member, hostile))
    assert str(caught.value).startswith("hostile.ksf: ")


def test_a_regression_without_finite_margins_is_refused(saved, members, write):
    metadata, member, _ = members(saved["linear"][0])
    for value in (np.nan, np.inf):
        model = copy.deepcopy(saved["linear"][1].model_)
        model.regression_.intercept_ = np.full(3, value)
        with pytest.raises(
            ArtifactError, match=r"margins .*expected finite ones of shape \(1, 3\)"
        ):
            load_model(write(metadata, member, dump_model(model)[1]))
    model.regression_.coef_ = model.regression_.coef_[:, :2]
    with pytest.raises(ArtifactError, match=r"model\.skops: damaged"):
        load_model(write(metadata, member, dump_model(model)[1]))


def test_skops_files_name_types_of_an_explicit_list_only(saved, members):
    """The list is no longer than what models hold; a new version that holds more is seen here."""
    held = set()
    for name in ("svm", "linear"):
        _, _, content = members(saved[name][0])
        held |= set(skops.io.get_untrusted_types(data=content))
    assert held == {
        "ksfeat.models.encoding.TableEncoder",
        "ksfeat.models.linear.LinearClassifier",
        "ksfeat.models.svm.SVMClassifier",
    }
    assert not any(re.search("__reduce__|pickle", name) for name in held)
