"""Calibration: what is fitted is found again, order is kept, and files that lie are refused."""

import json

import numpy as np
import pytest
from scipy.special import expit, log_softmax
from sklearn.linear_model import LogisticRegression

from ksfeat.errors import ArtifactError, InputError
from ksfeat.metrics.probabilities import calibration_error
from ksfeat.models.calibration import METHODS, Calibrator, fit_calibrator


def draw(n, rng, slope=1.0, offset=0.0):
    """Margins whose true probability is expit(slope * margin + offset)."""
    margins = rng.normal(size=n) * 2
    return margins, (rng.random(n) < expit(slope * margins + offset)).astype(int)


def test_a_temperature_is_found_again():
    margins, codes = draw(20000, np.random.default_rng(0), slope=0.5)
    found = fit_calibrator(margins, codes, None, method="temperature")
    assert found.parameters["temperature"][0] == pytest.approx(2.0, abs=0.1)


def test_platt_is_logistic_regression_where_cases_are_many():
    margins, codes = draw(5000, np.random.default_rng(1), slope=0.7, offset=-1.0)
    found = fit_calibrator(margins, codes, None, method="platt").parameters
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(margins[:, None], codes)
    assert found["slope"][0] == pytest.approx(reference.coef_[0, 0], abs=0.01)
    assert found["offset"][0] == pytest.approx(reference.intercept_[0], abs=0.01)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_classes", [2, 4])
def test_probabilities_sum_to_one_rise_with_the_margin_and_survive_a_file(method, n_classes):
    rng = np.random.default_rng(2)
    codes = np.arange(200) % n_classes
    margins = rng.normal(size=(200, n_classes)) + 2 * np.eye(n_classes)[codes]
    margins = margins[:, 1] - margins[:, 0] if n_classes == 2 else margins
    found = fit_calibrator(margins, codes, None, method=method)
    chances = found.probabilities(margins)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert (chances > 0).all()
    if n_classes == 2:
        assert (np.diff(chances[np.argsort(margins), 1]) >= -1e-12).all()
    again = Calibrator.from_dict(json.loads(json.dumps(found.to_dict())), n_classes)
    np.testing.assert_array_equal(again.probabilities(margins), chances)


def test_temperature_keeps_the_called_class():
    margins = np.random.default_rng(3).normal(size=(50, 3))
    codes = np.arange(50) % 3
    chances = fit_calibrator(margins, codes, None, method="temperature").probabilities(margins)
    np.testing.assert_array_equal(chances.argmax(axis=1), margins.argmax(axis=1))


def test_auto_survives_a_fold_that_was_told_apart_without_fault_and_another_that_was_not():
    """A temperature of next to 0 is certain of the case on the wrong side, and loses by that."""
    codes = np.tile([0, 1], 10)
    margins = 200.0 * (2 * codes - 1)
    margins[0] = 200.0
    found = fit_calibrator(margins, codes, np.arange(20))
    assert found.method != "temperature"
    assert 0.5 < found.probabilities(np.array([200.0]))[0, 1] < 1


def test_auto_mends_what_is_wrong():
    """An offset, as balanced weights leave it: temperature cannot mend it, Platt can."""
    rng = np.random.default_rng(4)
    margins, codes = draw(1500, rng, slope=0.5, offset=-2.0)
    new, truth = draw(20000, rng, slope=0.5, offset=-2.0)
    found = fit_calibrator(margins, codes, None)
    assert found.method != "temperature"
    weight = np.ones(len(new))
    before = calibration_error(expit(new), truth, weight)
    assert calibration_error(found.probabilities(new)[:, 1], truth, weight) < before / 5


def test_auto_takes_the_stiffest_that_is_as_good():
    margins, codes = draw(2000, np.random.default_rng(5))
    assert fit_calibrator(margins, codes, None).method != "isotonic"


def test_folds_that_choose_never_cut_a_group(monkeypatch):
    """Each fit of the choice sees groups whole: the other part of none is scored."""
    from ksfeat.models import calibration

    seen, fits = [], dict(calibration._FITS)
    margins, codes = draw(60, np.random.default_rng(6))
    groups = np.repeat(np.arange(20), 3)
    place = dict(zip(margins, groups, strict=True))

    def spy(train, labels):
        seen.append({place[margin] for margin in train})
        assert all(np.isin(margins[groups == group], train).all() for group in seen[-1])
        return fits["temperature"](train, labels)

    monkeypatch.setitem(calibration._FITS, "temperature", spy)
    fit_calibrator(margins, codes, groups)
    assert sum(len(groups_seen) < 20 for groups_seen in seen) == 5


def test_a_perfect_separation_stays_finite():
    margins, codes = np.r_[np.full(20, -3.0), np.full(20, 3.0)], np.repeat([0, 1], 20)
    for method in METHODS:
        chances = fit_calibrator(margins, codes, None, method=method).probabilities(margins)
        assert np.isfinite(log_softmax(np.log(chances), axis=1)).all()


@pytest.mark.parametrize("method", METHODS)
def test_few_images_told_apart_without_fault_are_no_certainty(method):
    """Twenty of twenty right: by Laplace's rule the next one is with 21/22, and no more is said."""
    margins, codes = np.r_[np.full(20, -3.0), np.full(20, 3.0)], np.repeat([0, 1], 20)
    chances = fit_calibrator(margins, codes, None, method=method).probabilities(margins)
    assert 0.9 < chances[-1, 1] <= 41 / 42


def test_auto_takes_as_many_folds_as_the_rarest_class_has_groups():
    codes = np.repeat([0, 1], 4)  # five folds of four images a class cannot be
    margins = 2.0 * codes - 1 + np.random.default_rng(3).normal(size=8)
    for groups in (None, np.arange(8)):
        assert fit_calibrator(margins, codes, groups).method in METHODS


def test_a_model_worse_than_chance_is_not_turned_round():
    margins, codes = draw(500, np.random.default_rng(7), slope=-1.0)
    found = fit_calibrator(margins, codes, None, method="platt")
    assert found.parameters["slope"][0] > 0


@pytest.mark.parametrize(
    "lie",
    [
        {"method": "magic"},
        {"method": "temperature", "temperature": [0.0]},
        {"method": "temperature", "temperature": [1.0, 2.0]},
        {"method": "platt", "slope": [-1.0], "offset": [0.0]},
        {"method": "platt", "slope": [1.0], "offset": [float("nan")]},
        {"method": "isotonic", "x": [[0.0, 1.0]], "y": [[0.6, 0.4]]},
        {"method": "isotonic", "x": [[1.0, 0.0]], "y": [[0.4, 0.6]]},
        {"method": "isotonic", "x": [[0.0]], "y": [[0.0]]},
        {"method": "isotonic", "x": [[]], "y": [[]]},
    ],
)
def test_numbers_that_are_no_calibration_are_refused(lie):
    with pytest.raises(ArtifactError):
        Calibrator.from_dict(lie, 2)


def test_unknown_methods_and_too_few_groups_are_refused():
    with pytest.raises(InputError, match="calibration 'magic'"):
        fit_calibrator(np.zeros(4), np.array([0, 1, 0, 1]), None, method="magic")
    with pytest.raises(InputError, match="the choice of a calibration: "):
        fit_calibrator(np.zeros(4), np.array([0, 0, 0, 1]), None)
