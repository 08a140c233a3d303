"""`Case`: one patient with what is calcified, drawn from the seed and the number alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.phantom.anatomy import Patient, draw_patient
from ksfeat.phantom.compositions import COMPOSITIONS, PHLEBOLITH
from ksfeat.phantom.look_alikes import draw_look_alikes, draw_phlebolith
from ksfeat.phantom.make.parameters import NO_STONE
from ksfeat.phantom.stones import Stone, draw_stones


@dataclass(frozen=True)
class Case:
    """A patient, and what the images are about.

    Parameters
    ----------
    number : int
        Which patient.
    label : str
        The class.
    patient : Patient
        The body.
    stones, look_alikes : tuple of Stone
        What is of the class, and what only looks like it.
    random_state : int
        Seed of the data set.
    """

    number: int
    label: str
    patient: Patient
    stones: tuple[Stone, ...]
    look_alikes: tuple[Stone, ...]
    random_state: int

    @property
    def name(self) -> str:
        """Name of the patient, such as ``patient_007``."""
        return name_of(self.number)

    @property
    def main(self) -> Stone:
        """The largest stone: slices go through it."""
        return max(self.stones, key=lambda stone: stone.diameter_mm)

    @property
    def shown(self) -> tuple[Stone, ...]:
        """The stones that are scanned.

        Without stones the slices are chosen as if there were some, so that only stones differ.
        """
        return () if self.label == NO_STONE else self.stones

    def noise(self) -> np.random.Generator:
        """Return the source of noise and motion, the same with and without stones."""
        return np.random.default_rng([self.random_state, self.number, 1])


def draw_case(number: int, label: str, random_state: int, ureter: bool = False) -> Case:
    """Draw a patient; the label decides only what is calcified in it."""
    rng = np.random.default_rng([random_state, number])
    patient = draw_patient(rng)
    look_alikes = draw_look_alikes(patient, rng)
    stones = _draw_stones(patient, label, rng, ureter)
    return Case(number, label, patient, stones, look_alikes, random_state)


def name_of(number: int) -> str:
    """Return the name of a patient."""
    return f"patient_{number:03d}"


def _draw_stones(
    patient: Patient, label: str, rng: np.random.Generator, ureter: bool
) -> tuple[Stone, ...]:
    if label == PHLEBOLITH:
        return (draw_phlebolith(patient, rng),)
    return draw_stones(patient, label if label in COMPOSITIONS else None, rng, ureter)
