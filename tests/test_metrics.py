"""Scores against scikit-learn's, and their intervals against a literal bootstrap over groups."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn import metrics as reference

from ksfeat.errors import InputError
from ksfeat.metrics import score_predictions
from ksfeat.metrics.bootstrap import draw_groups
from ksfeat.metrics.predictions import _auroc_of, _weighted_area

LAW = settings(max_examples=100, derandomize=True, deadline=None)


@st.composite
def predictions(draw):
    """Labels, margins with many ties, groups; every class is there."""
    n_classes = draw(st.integers(2, 4))
    n = draw(st.integers(n_classes, 25))
    names = [f"class {code}" for code in range(n_classes)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    codes = rng.permutation(np.r_[np.arange(n_classes), rng.integers(0, n_classes, n - n_classes)])
    margins = rng.integers(-2, 3, (n, n_classes)) / 2
    groups = rng.integers(0, draw(st.integers(1, n)), n).astype(str)
    labels = np.array(names)[codes]
    return labels, margins[:, 0] if n_classes == 2 else margins, names, groups


def called(margins, names):
    codes = margins > 0 if margins.ndim == 1 else margins.argmax(axis=1)
    return np.array(names)[codes.astype(int)]


def reference_scores(labels, margins, names):
    """Every score by scikit-learn, by (name, class)."""
    predicted = called(margins, names)
    options = {"labels": names, "zero_division": 0}
    with warnings.catch_warnings():
        # Of a predicted class that no label has: only in small replicates.
        warnings.filterwarnings("ignore", message="y_pred contains classes not in y_true")
        found = {("balanced_accuracy", None): reference.balanced_accuracy_score(labels, predicted)}
    found["accuracy", None] = reference.accuracy_score(labels, predicted)
    parts = reference.precision_recall_fscore_support(labels, predicted, **options)
    for part, values in zip(("precision", "recall", "f1"), parts, strict=False):
        found |= {(part, name): value for name, value in zip(names, values, strict=True)}
        found[f"macro_{part}", None] = values.mean()
    table = np.column_stack([-margins, margins]) if margins.ndim == 1 else margins
    for name, column in zip(names, table.T, strict=True):
        found["auroc", name] = reference.roc_auc_score(labels == name, column)
        found["auprc", name] = reference.average_precision_score(labels == name, column)
        # Specificity is the recall of the rest.
        found["specificity", name] = reference.recall_score(labels != name, predicted != name)
    for area in ("auroc", "auprc"):
        found[area, None] = np.mean([found[area, name] for name in names])
    return found


@LAW
@given(predictions())
def test_values_are_those_of_scikit_learn(given_predictions):
    labels, margins, names, groups = given_predictions
    scores = score_predictions(labels, margins, names, groups=groups, n_bootstrap=2)
    found = {(score.name, score.of): score.value for score in scores.scores}
    expected = reference_scores(labels, margins, names)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, abs=1e-12), key
    matrix = reference.confusion_matrix(labels, called(margins, names), labels=names)
    np.testing.assert_array_equal(scores.confusion, matrix)
    assert (scores.n_images, scores.n_units) == (len(labels), len(set(groups)))


def test_auroc_is_scikit_learns_one_vs_rest_macro():
    rng = np.random.default_rng(0)
    codes, margins = rng.integers(0, 3, 60), rng.normal(size=(60, 3))
    shares = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
    expected = reference.roc_auc_score(codes, shares, multi_class="ovr", average="macro")
    found = score_predictions(codes, np.log(shares), [0, 1, 2], n_bootstrap=2)["auroc"].value
    assert found == pytest.approx(expected, abs=1e-12)


@LAW
@given(predictions(), st.integers(0, 2**32 - 1))
def test_the_weighted_auroc_counts_pairs(given_predictions, seed):
    labels, margins, names, groups = given_predictions
    _, unit = np.unique(groups, return_inverse=True)
    positive = labels == names[0]
    margin = margins if margins.ndim == 1 else margins[:, 0]
    # More replicates than one chunk holds.
    weights = np.random.default_rng(seed).integers(0, 4, (70, unit.max() + 1)).astype(float)
    found = _weighted_area(margin, positive, unit, weights, _auroc_of)
    ahead = np.sign(margin[positive][:, None] - margin[~positive][None]) / 2 + 0.5
    of_image = weights[:, unit]
    pairs = of_image[:, positive][:, :, None] * of_image[:, ~positive][:, None]
    total = pairs.sum(axis=(1, 2))
    expected = np.full(len(weights), np.nan)
    np.divide((pairs * ahead).sum(axis=(1, 2)), total, out=expected, where=total > 0)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@settings(LAW, max_examples=8)
@given(predictions())
def test_intervals_are_those_of_a_literal_bootstrap(given_predictions):
    """Groups drawn with replacement, their images put into a list, and scored by scikit-learn."""
    labels, margins, names, groups = given_predictions
    scores = score_predictions(labels, margins, names, groups=groups, n_bootstrap=20)
    codes = np.array([names.index(label) for label in labels])
    _, unit = np.unique(groups, return_inverse=True)
    draws = []
    for counts in draw_groups(codes, unit, len(names), 20, 0).astype(int):
        drawn = np.repeat(np.arange(len(counts)), counts)
        images = np.concatenate([np.flatnonzero(unit == group) for group in drawn])
        draws.append(reference_scores(labels[images], margins[images], names))
    for score in scores.scores:
        values = [draw[score.name, score.of] for draw in draws]
        interval = np.percentile(values, [2.5, 97.5])
        np.testing.assert_allclose([score.low, score.high], interval, atol=1e-12)


@LAW
@given(predictions(), st.integers(0, 1000))
def test_every_replicate_holds_every_class_and_as_many_groups(given_predictions, seed):
    labels, _, names, groups = given_predictions
    codes = np.array([names.index(label) for label in labels])
    _, unit = np.unique(groups, return_inverse=True)
    weights = draw_groups(codes, unit, len(names), 30, seed)
    np.testing.assert_array_equal(weights.sum(axis=1), unit.max() + 1)
    for code in range(len(names)):
        holders = np.unique(unit[codes == code])
        assert (weights[:, holders].sum(axis=1) > 0).all()


def test_a_class_that_only_stands_beside_others_is_drawn_too():
    """The groups are ac, ac, a, bc, b, b: a draw of the third and the last two alone lacks c."""
    codes, unit = np.array([0, 2, 0, 2, 0, 1, 2, 1, 1]), np.array([0, 0, 1, 1, 2, 3, 3, 4, 5])
    weights = draw_groups(codes, unit, 3, 2000, 0)
    assert (weights[:, [0, 1, 3]].sum(axis=1) > 0).all()
    np.testing.assert_array_equal(weights[:, :3].sum(axis=1), 3)


def test_groups_are_drawn_and_not_images():
    """Ten equal images a patient are no more than one: the interval does not shrink."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2, 40)
    margins = codes + rng.normal(size=40)
    one = score_predictions(codes, margins, [0, 1])["auroc"]
    repeated = (np.repeat(codes, 10), np.repeat(margins, 10), [0, 1])
    ten = score_predictions(*repeated, groups=np.repeat(np.arange(40), 10))["auroc"]
    naive = score_predictions(*repeated)["auroc"]
    assert ten.value == pytest.approx(one.value)
    assert ten.high - ten.low == pytest.approx(one.high - one.low, rel=0.1)
    assert naive.high - naive.low < (one.high - one.low) / 2


def clustered(rng, n_classes, mixed):
    """60 patients of 1 to 6 images, with an effect of the patient on all of their margins."""
    of_group = rng.integers(1, 7, 60)
    groups = np.repeat(np.arange(60), of_group)
    codes = rng.integers(0, n_classes, len(groups)) if mixed else groups % n_classes
    effect = rng.normal(size=(60, n_classes))[groups]
    margins = 1.5 * np.eye(n_classes)[codes] + effect + rng.normal(size=effect.shape)
    return codes, margins, groups


def chance_to_be_largest(n_classes):
    """The margin of the true class is 1.5 above those of the others; all are sqrt(2) wide."""
    ahead, step = np.linspace(-12, 14, 4001, retstep=True)
    density = norm.pdf(ahead, 1.5, np.sqrt(2))
    return (density * norm.cdf(ahead / np.sqrt(2)) ** (n_classes - 1)).sum() * step


@pytest.mark.parametrize(("n_classes", "mixed"), [(3, False), (5, True)])
def test_an_interval_of_95_per_cent_covers_the_truth_about_as_often(n_classes, mixed):
    """Also where almost each group has a content of its own, as in five mixed classes."""
    truth = {"accuracy": chance_to_be_largest(n_classes)}
    if not mixed:
        # Margins of two patients differ by 1.5, and that difference is 2 wide.
        truth["auroc"] = norm.cdf(1.5 / 2)
    rng = np.random.default_rng(0)
    covered = dict.fromkeys(truth, 0)
    for number in range(200):
        codes, margins, groups = clustered(rng, n_classes, mixed)
        scores = score_predictions(
            codes,
            margins,
            range(n_classes),
            groups=groups,
            n_bootstrap=200,
            random_state=number,
        )
        for name, value in truth.items():
            covered[name] += scores[name].low <= value <= scores[name].high
    assert all(0.88 <= count / 200 <= 0.99 for count in covered.values()), covered


def test_the_same_seed_gives_the_same_interval():
    rng = np.random.default_rng(0)
    codes, margins, groups = clustered(rng, 3, mixed=False)
    ends = [
        score_predictions(codes, margins, range(3), groups=groups, random_state=seed)["f1", "1"].low
        for seed in (0, 0, 1)
    ]
    assert ends[0] == ends[1] != ends[2]


@pytest.mark.parametrize(("n_groups", "cautious"), [(29, True), (30, False)])
def test_few_groups_are_cautioned(n_groups, cautious):
    codes = np.arange(n_groups) % 2
    scores = score_predictions(codes, codes - 0.5, [0, 1], n_bootstrap=2)
    expected = "29 images only: the intervals are optimistic (too narrow)" if cautious else None
    assert scores.caution == scores.to_dict()["caution"] == expected


def test_a_class_that_is_absent_or_never_called():
    """Of an absent class no recall and no AUROC is known; of one never called, precision is 0."""
    margins = np.array([[2.0, 0, 1], [2, 0, 1], [2, 1, 0]])
    scores = score_predictions(["a", "a", "b"], margins, ["a", "b", "c"], n_bootstrap=5)
    unknown = [("recall", "c"), ("auroc", "c"), "balanced_accuracy", "macro_recall", "auroc"]
    assert all(np.isnan(scores[key].value) for key in unknown)
    assert scores["precision", "b"].value == scores["f1", "b"].value == scores["f1", "c"].value == 0
    plain = {(score["name"], score["class"]): score for score in scores.to_dict()["scores"]}
    assert plain["recall", "c"]["value"] is None
    assert plain["auroc", "c"]["ci95"] == [None, None]
    assert plain["accuracy", None]["value"] == 0.666667


def test_a_score_is_found_by_its_name():
    scores = score_predictions(["a", "b"], [-1.0, 1.0], ["a", "b"], n_bootstrap=2)
    assert scores["recall", "a"].of == "a"
    for missing in ("recall", ("recall", "c")):
        with pytest.raises(KeyError):
            scores[missing]


@pytest.mark.parametrize(
    ("labels", "margins", "groups", "message"),
    [
        (["a", "z"], [1.0, 2.0], None, "label 'z' is no class; expected one of a, b"),
        (["a", "b"], [1.0, np.nan], None, "a margin is NaN or infinite"),
        (["a", "b"], [1.0, -np.inf], None, "a margin is NaN or infinite"),
        (["a", "b"], [1.0], None, r"margins of shape \(1,\) and 2 groups for 2 labels"),
        (["a", "b"], np.ones((2, 3)), None, r"margins of shape \(2, 3\).* of 2 classes"),
        (["a", "b"], [1.0, 2.0], ["g"], "and 1 groups for 2 labels"),
        ([], [], None, "for 0 labels of 2 classes; .* and some labels"),
    ],
)
def test_what_cannot_be_scored_is_refused(labels, margins, groups, message):
    with pytest.raises(InputError, match=message):
        score_predictions(labels, margins, ["a", "b"], groups=groups)
