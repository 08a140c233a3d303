"""Test objects of the scanner, and what a physicist measures on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ksfeat.phantom.materials import matter
from ksfeat.phantom.scanner import Scan, scan_slices
from ksfeat.phantom.scanner.protocol import setting, transfer
from ksfeat.phantom.shapes import Shape

_LONG = 1e6  # mm


@dataclass(frozen=True)
class Object:
    """What lies in the scanner instead of a patient: straight, in the middle, even."""

    shapes: tuple[Shape, ...]
    offset_mm: tuple[float, float] = (0.0, 0.0)
    rotation: float = 0.0
    warp_mm: np.ndarray = field(default_factory=lambda: np.zeros((1, 2, 7, 7), np.float32))
    texture_hu: np.ndarray = field(default_factory=lambda: np.zeros((2, 7, 7), np.float32))
    span: tuple[float, float] = (-30.0, 30.0)


def cylinder(diameter: float) -> Object:
    """Return a cylinder of water in air."""
    radii = (diameter / 2, diameter / 2, _LONG)
    return Object(
        (
            Shape("water", matter(water=1.0), (0.0, 0.0, 0.0), radii),
            Shape("air", matter(air=1.0), (0.0, 0.0, 0.0), radii, outside=True),
        )
    )


def edge(radius: float = 60.0) -> Object:
    """Return a rod of bone in water: its rim is an edge in all directions."""
    rod = Shape("rod", matter(cortical_bone=1.0), (3.1, -2.3, 0.0), (radius, radius, _LONG))
    return Object((*cylinder(300.0).shapes, rod))


def flat_noise(scan: Scan, number: int, seed: int) -> np.ndarray:
    """Return what one slice of the reference cylinder differs from another by, over root two.

    Shape (number, beams, size, size); the slices lie far enough apart to be independent.
    """
    heights = np.arange(2 * number) * 3.0 * scan.thickness_mm
    water = cylinder(setting("reference_diameter"))
    rng = np.random.default_rng(seed)
    slices = [hu for hu, _ in scan_slices(water, (), (), heights, scan, rng)]
    images = np.array(slices, dtype=np.float64)
    return (images[::2] - images[1::2]) / np.sqrt(2)


def middle(images: np.ndarray, side: int) -> np.ndarray:
    """Return the square in the middle of images."""
    start = (images.shape[-1] - side) // 2
    return images[..., start : start + side, start : start + side]


def radial_power(images: np.ndarray, pixel_mm: float, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies in 1/mm, up to the limit of the pixels, and the mean power of images."""
    side = images.shape[-1]
    window = np.hanning(side)[:, None] * np.hanning(side)[None, :]
    power = np.abs(np.fft.fft2((images - images.mean(axis=(-2, -1), keepdims=True)) * window)) ** 2
    power = power.reshape(-1, side, side).mean(axis=0) * pixel_mm**2 / (window**2).sum()
    axis = np.fft.fftfreq(side, pixel_mm)
    radius = np.hypot(axis[:, None], axis[None, :])
    return _binned(radius, power, np.linspace(0, 0.5 / pixel_mm, bins + 1))


def asked_power(scan: Scan, side: int, bins: int) -> np.ndarray:
    """Return the noise power that the scan should have in the bins of `radial_power`.

    The ramp times the squared transfer, folded at the pixels' limit; its integral is the variance.
    """
    kernel, pixel = transfer(scan.kernel), scan.pixel_mm
    axis = np.fft.fftfreq(side, pixel)
    power = np.zeros((side, side))
    for i in range(-4, 5):
        for j in range(-4, 5):
            radius = np.hypot(axis[:, None] + i / pixel, axis[None, :] + j / pixel)
            power += radius * kernel(radius) ** 2
    power *= asked_sd(scan) ** 2 / (power.mean() / pixel**2)
    radius = np.hypot(axis[:, None], axis[None, :])
    return _binned(radius, power, np.linspace(0, 0.5 / pixel, bins + 1))[1]


def asked_sd(scan: Scan) -> float:
    """Return the noise that a scan should have in the middle of the reference cylinder, in HU."""
    frequency = np.linspace(0, 10, 20001)
    passed = {
        name: np.trapezoid(frequency**2 * transfer(name)(frequency) ** 2, frequency)
        for name in ("soft", scan.kernel)
    }
    thickness = setting("reference_thickness") / scan.thickness_mm
    share = passed[scan.kernel] / passed["soft"] * thickness / scan.dose
    return float(setting("reference_noise") * np.sqrt(share))


def edge_transfer(scan: Scan, seed: int, radius: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies in 1/mm and the contrast left, from the rim of a rod.

    All pixels near the rim, by their distance from its middle, are one finely sampled edge; its
    derivative is the line spread.
    """
    rng = np.random.default_rng(seed)
    hu = next(scan_slices(edge(radius), (), (), [0.0], scan, rng))[0][0].astype(np.float64)
    axis = (np.arange(scan.size) - (scan.size - 1) / 2) * scan.pixel_mm
    away = np.hypot(axis[None, :] - 3.1, axis[:, None] + 2.3) - radius
    step, reach = 0.1, 10.0
    bins = np.arange(-reach, reach + step / 2, step)
    place, profile = _binned(away, hu, bins)
    line = np.gradient(profile, place)
    frequency = np.arange(0.02, 1.6, 0.005)
    waves = np.exp(-2j * np.pi * frequency[:, None] * place[None, :])
    response = np.abs((waves * line).sum(axis=1)) * step
    # What binning and the difference of neighbours blur is known, and taken out.
    response /= np.sinc(frequency * step) * np.sinc(2 * frequency * step)
    return frequency, response / abs(line.sum() * step)


def frequency_at(frequency: np.ndarray, contrast: np.ndarray, level: float) -> float:
    """Return the first frequency at which the contrast falls below a level."""
    first = int(np.argmax(contrast < level))
    high, low = contrast[first - 1], contrast[first]
    share = (high - level) / (high - low)
    return float(frequency[first - 1] + share * (frequency[first] - frequency[first - 1]))


def _binned(
    place: np.ndarray, values: np.ndarray, edges: Sequence[float] | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean place and the mean value in each bin."""
    which = np.digitize(place.ravel(), edges) - 1
    held = (which >= 0) & (which < len(edges) - 1)
    which, number = which[held], len(edges) - 1
    count = np.maximum(np.bincount(which, minlength=number), 1)
    return (
        np.bincount(which, place.ravel()[held], minlength=number) / count,
        np.bincount(which, values.ravel()[held], minlength=number) / count,
    )
