"""The scanner's numbers, from `tables/acquisition.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ksfeat.phantom.materials import table_rows


@dataclass(frozen=True)
class Transfer:
    """The modulation transfer of a kernel: ``exp(-(f / scale)**power)``.

    Parameters
    ----------
    mtf50, mtf10 : float
        Frequencies at which half and a tenth of the contrast are left, in 1/mm.
    """

    mtf50: float
    mtf10: float

    @property
    def power(self) -> float:
        """2 is a Gaussian, more falls more steeply."""
        return float(np.log(np.log(10) / np.log(2)) / np.log(self.mtf10 / self.mtf50))

    @property
    def scale(self) -> float:
        """Frequency at which 1/e is left, in 1/mm."""
        return float(self.mtf50 / np.log(2) ** (1 / self.power))

    def __call__(self, frequency: np.ndarray) -> np.ndarray:
        """Return the contrast left at frequencies in 1/mm, from 1 to 0."""
        return np.exp(-((np.abs(frequency) / self.scale) ** self.power))

    def noise_power(self, frequency: np.ndarray) -> np.ndarray:
        """Return the noise power, in any unit: the ramp of back-projection, and the kernel."""
        return np.abs(frequency) * self(frequency) ** 2

    @property
    def noise_gain(self) -> float:
        """Standard deviation of the noise, in any unit: the root of the power over the plane."""
        frequency = np.linspace(0, 4 * self.scale, 4001)
        power = self.noise_power(frequency) * 2 * np.pi * frequency
        return float(np.sqrt(np.trapezoid(power, frequency)))


@cache
def setting(name: str, of: str = "") -> float:
    """Return one number of the table: its name, and the kernel or the beam it belongs to."""
    return _table()[name, of]


@cache
def transfer(kernel: str) -> Transfer:
    """Return the modulation transfer of a kernel."""
    return Transfer(setting("mtf50", kernel), setting("mtf10", kernel))


@cache
def _table() -> dict[tuple[str, str], float]:
    return {(row["name"], row["of"]): float(row["value"]) for row in table_rows("acquisition")}
