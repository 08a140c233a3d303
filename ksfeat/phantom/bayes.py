"""`bayes_bound`: how well stone types can be told apart at best, by the laws they are drawn by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from ksfeat.errors import InputError
from ksfeat.phantom.anatomy import Patient, draw_patient
from ksfeat.phantom.compositions import COMPOSITIONS
from ksfeat.phantom.scanner.detectability import density_noise
from ksfeat.phantom.scanner.scan import Scan
from ksfeat.phantom.stones import Stone, draw_stones

SIGHTS = ("density", "all")
_KNOWN = 4  # stones that teach the observer, for each one that it is judged on
# The noise at a stone, as a share of that of the reference body, in the leanest patients: measured
# at 12 stones it was 0.72 to 1.89. Less noise than any patient has keeps the bound a bound.
_LEAN = 0.7


@dataclass(frozen=True, eq=False)
class TypeScores:
    """What stones were called: by the observer of the bound, or by a classifier.

    Parameters
    ----------
    truth, named : ndarray of str, shape (n,)
        Type of each stone, and what it was called; of `COMPOSITIONS`, which are sorted.
    diameters_mm : ndarray of float64, shape (n,)
        Largest diameter of each stone.
    """

    truth: np.ndarray
    named: np.ndarray
    diameters_mm: np.ndarray

    def within(self, low: float, high: float) -> TypeScores:
        """Return the part of stones of at least `low` and less than `high` mm."""
        chosen = (self.diameters_mm >= low) & (self.diameters_mm < high)
        return TypeScores(self.truth[chosen], self.named[chosen], self.diameters_mm[chosen])

    @property
    def confusion(self) -> np.ndarray:
        """Counts by type (rows) and by what it was called (columns), in `COMPOSITIONS`' order."""
        counts = np.zeros((len(COMPOSITIONS), len(COMPOSITIONS)), dtype=int)
        places = (np.searchsorted(COMPOSITIONS, names) for names in (self.truth, self.named))
        np.add.at(counts, tuple(places), 1)
        return counts

    @property
    def sensitivity(self) -> np.ndarray:
        """Share of each type that is named rightly; NaN for a type without stones."""
        confusion = self.confusion
        with np.errstate(invalid="ignore"):
            return np.diag(confusion) / confusion.sum(axis=1)

    @property
    def specificity(self) -> np.ndarray:
        """Share of the other types' stones that are not taken for a type."""
        confusion = self.confusion
        rows = confusion.sum(axis=1)
        wrong = confusion.sum(axis=0) - np.diag(confusion)
        with np.errstate(invalid="ignore"):
            return 1 - wrong / (confusion.sum() - rows)

    @property
    def balanced_accuracy(self) -> float:
        """Mean of the sensitivities of the types that have stones; NaN without stones."""
        known = self.sensitivity[self.confusion.sum(axis=1) > 0]
        return float(known.mean()) if len(known) else float("nan")

    @property
    def standard_error(self) -> float:
        """Of `balanced_accuracy`, from the number of stones that were judged."""
        rows, share = self.confusion.sum(axis=1), self.sensitivity
        some = rows > 0
        variance = (share * (1 - share))[some] / rows[some]
        return float(np.sqrt(variance.sum()) / max(some.sum(), 1))


def bayes_bound(
    scan: Scan, *, see: str = "density", n_stones: int = 1000, random_state: int = 0
) -> TypeScores:
    """Estimate the Bayes bound of the five stone types of the phantom, drawn equally often.

    An observer learns from stones that `draw_stones` drew, without any image. Of the largest stone
    of a patient it sees the mean density of core and shell in each beam, with less noise than any
    estimate from images can have (`density_noise`, in a lean patient); with ``see="all"`` also, and
    exactly, its size, its surface, its parts, where it lies, and the patient's other stones. The
    types differ in nothing else, so that no image holds more than this.

    Parameters
    ----------
    scan : Scan
        Beams, dose and slice thickness. One beam is single energy, two are dual energy.
    see : {"density", "all"}, default="density"
        What the observer sees.
    n_stones : int, default=1000
        Patients of each type that are judged; four times as many teach the observer.
    random_state : int, default=0
        Seed.

    Returns
    -------
    TypeScores
        The observer is gradient boosting, so that the estimate rises towards the bound with
        `n_stones`, from below.

    Raises
    ------
    InputError
        If `see` is not known.

    Examples
    --------
    >>> one = bayes_bound(Scan(beams=("120",)), n_stones=8)
    >>> two = bayes_bound(Scan(beams=("80", "Sn150")), n_stones=8)
    >>> one.balanced_accuracy < two.balanced_accuracy
    True
    """
    if see not in SIGHTS:
        raise InputError(f"see {see!r}; expected one of {', '.join(SIGHTS)}")
    rng = np.random.default_rng([random_state, n_stones])
    patient = draw_patient(rng)
    truth = np.repeat(COMPOSITIONS, (1 + _KNOWN) * n_stones)
    groups = [draw_stones(patient, str(kind), rng, ureter=False) for kind in truth]
    largest = [max(stones, key=lambda stone: stone.diameter_mm) for stones in groups]
    seen = np.array([_density(stone, scan, rng) for stone in largest])
    if see == "all":
        whole = [_form(*pair, patient, scan) for pair in zip(largest, groups, strict=True)]
        seen = np.column_stack([seen, whole])
    judged = np.arange(len(truth)) % (1 + _KNOWN) == 0
    observer = HistGradientBoostingClassifier(max_iter=200, random_state=random_state)
    named = observer.fit(seen[~judged], truth[~judged]).predict(seen[judged])
    diameters = np.array([stone.diameter_mm for stone in largest])
    return TypeScores(truth[judged], named, diameters[judged])


def _density(stone: Stone, scan: Scan, rng: np.random.Generator) -> list[float]:
    """Return core and shell in each beam with the least noise, and their ratios between beams."""
    share, diameter = stone.matter.core_share, stone.diameter_mm
    core, shell = density_noise(scan, np.array([diameter * share, diameter])) * _LEAN
    inner = [stone.matter.core.hu(beam) + core * rng.normal() for beam in scan.beams]
    outer = [stone.matter.shell.hu(beam) + shell * rng.normal() for beam in scan.beams]
    inside = share**3
    mean = [inside * a + (1 - inside) * b for a, b in zip(inner, outer, strict=True)]
    return [*inner, *outer, *mean, mean[0] / mean[-1], share]


def _form(stone: Stone, group: tuple[Stone, ...], patient: Patient, scan: Scan) -> list[float]:
    """Return all that the shapes and the other stones of a patient tell, exactly."""
    others = [other.matter.hu(beam) for other in group if other is not stone for beam in scan.beams]
    nearest = min(np.linalg.norm(stone.centres[0] - kidney.pelvis) for kidney in patient.kidneys)
    return [
        stone.diameter_mm,
        stone.roughness,
        float(len(stone.centres)),
        float(stone.radii.prod(axis=1).sum()),
        float(len(group)),
        float(np.mean(others)) if others else float("nan"),
        float(nearest),
    ]
