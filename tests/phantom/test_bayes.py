"""The Bayes bound: an observer that knows the laws, against cases whose answer is known."""

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.phantom import growth
from ksfeat.phantom.bayes import TypeScores, bayes_bound
from ksfeat.phantom.compositions import COMPOSITIONS
from ksfeat.phantom.scanner import Scan
from ksfeat.phantom.scanner.detectability import density_noise
from ksfeat.phantom.scanner.noise import reference_noise
from ksfeat.phantom.scanner.profile import sensitivity
from ksfeat.phantom.scanner.protocol import setting, transfer

ENOUGH = {"n_stones": 60}  # for a difference between two bounds to show
PAIR = ("80", "140")


@pytest.fixture(scope="module")
def single() -> TypeScores:
    return bayes_bound(Scan(beams=("120",)), **ENOUGH)


@pytest.mark.slow
def test_a_second_energy_tells_more_than_one(single):
    two = bayes_bound(Scan(beams=PAIR), **ENOUGH).balanced_accuracy
    assert 0.4 < single.balanced_accuracy < 0.9 < two <= 1


@pytest.mark.slow
def test_what_shapes_tell_comes_on_top_of_density(single):
    everything = bayes_bound(Scan(beams=("120",)), see="all", **ENOUGH)
    assert everything.balanced_accuracy > single.balanced_accuracy + 0.03


@pytest.mark.slow
def test_noise_takes_from_what_is_seen():
    """At a dose of a hundredth, dual energy tells hardly more than chance of small stones."""
    faint = bayes_bound(Scan(beams=PAIR, dose=0.01), **ENOUGH)
    clear = bayes_bound(Scan(beams=PAIR, dose=100.0), **ENOUGH)
    assert faint.balanced_accuracy < clear.balanced_accuracy - 0.05
    assert clear.balanced_accuracy > 0.97


def test_parts_by_size_make_up_the_whole():
    whole = bayes_bound(Scan(), n_stones=6)
    parts = [whole.within(*edges) for edges in ((0, 3), (3, 5), (5, np.inf))]
    np.testing.assert_array_equal(sum(part.confusion for part in parts), whole.confusion)
    assert whole.confusion.sum(axis=1).tolist() == [6] * 5


def test_what_a_bound_says_follows_from_its_confusion_matrix():
    truth = np.repeat(["cystine", "struvite"], 10)
    named = np.array(["cystine"] * 8 + ["struvite"] * 2 + ["cystine"] + ["struvite"] * 9)
    bound = TypeScores(truth, named, np.full(20, 4.0))
    places = [COMPOSITIONS.index(name) for name in ("cystine", "struvite")]
    assert bound.sensitivity[places].tolist() == [0.8, 0.9]
    assert bound.specificity[places].tolist() == pytest.approx([0.9, 0.8])
    assert bound.balanced_accuracy == pytest.approx(0.85)
    assert bound.standard_error == pytest.approx(np.sqrt(0.8 * 0.2 / 10 + 0.9 * 0.1 / 10) / 2)


def test_the_same_seed_gives_the_same_bound():
    first, again, other = (
        bayes_bound(Scan(), n_stones=4, random_state=seed).diameters_mm.tolist()
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_an_unknown_sight_is_refused():
    with pytest.raises(InputError, match="see 'shape'; expected one of density, all"):
        bayes_bound(Scan(), see="shape")


@pytest.mark.parametrize("scan", [Scan(), Scan(kernel="sharp", thickness_mm=1.0, dose=0.5)])
def test_the_least_noise_is_that_of_a_matched_filter(scan):
    """Brute force: the ball's transform over the noise power, added up on a grid of frequencies."""
    radius, step = 3.0, 0.01
    across, along = np.meshgrid(np.arange(step / 2, 3, step), np.arange(-3, 3, step) + step / 2)
    k = 2 * np.pi * radius * np.hypot(across, along)
    ball = 4 * np.pi * radius**3 * (np.sin(k) - k * np.cos(k)) / k**3
    # Volume element 2 pi f_xy df; power c f_xy; c from one slice's noise.
    through = _squared_profile(scan)
    passed = _passed(scan)
    strength = reference_noise(scan) ** 2 / (passed * through)
    information = (ball**2 / (strength * across) * 2 * np.pi * across).sum() * step**2
    expected = 1 / np.sqrt(information)
    assert density_noise(scan, np.array([2 * radius]))[0] == pytest.approx(expected, rel=0.02)


def _passed(scan: Scan) -> float:
    f = np.linspace(0, 4, 8001)
    return float(np.trapezoid(2 * np.pi * f**2 * transfer(scan.kernel)(f) ** 2, f))


def _squared_profile(scan: Scan) -> float:
    z = np.linspace(-10, 10, 20001)
    profile = sensitivity(z, scan.thickness_mm, setting("collimation"))
    return float(np.trapezoid((profile / np.trapezoid(profile, z)) ** 2, z))


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_diameters_within_a_range_are_those_that_would_be_drawn_there(composition):
    rng = np.random.default_rng(0)
    drawn = np.array([growth.draw_diameter(composition, rng) for _ in range(4000)])
    kept = drawn[(drawn > 6) & (drawn < 12)]
    within = [growth.draw_diameter(composition, rng, (6, 12)) for _ in range(2000)]
    assert 6 <= min(within) <= max(within) <= 12
    assert np.median(within) == pytest.approx(np.median(kept), rel=0.05)
