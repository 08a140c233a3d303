"""`Patient`: an abdomen, and how it lies in the scanner."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ksfeat.phantom.anatomy import bowel, kidney, muscles, organs, skeleton, spine, vessels
from ksfeat.phantom.anatomy.build import Build, draw_build
from ksfeat.phantom.anatomy.contrast import Contrast
from ksfeat.phantom.anatomy.kidney import Kidney
from ksfeat.phantom.anatomy.vessels import Vessel
from ksfeat.phantom.shapes import Shape, Tube

SPAN = (-170.0, 130.0)  # mm round the kidneys: from the iliac wings to the domes of the diaphragm
LOWEST = -255.0  # mm: where the anatomy ends, below the mouths of the ureters


@dataclass(frozen=True)
class Patient:
    """An abdomen without its stones.

    Parameters
    ----------
    shapes : tuple of Shape or Tube
        In painting order: later ones lie over earlier ones.
    kidneys : tuple of Kidney
        The right and the left one.
    vessels : tuple of Vessel
        Courses that calcifications follow.
    contrast : Contrast
        Phase of the examination, and iodine by place.
    span : tuple of float
        Lowest and highest z that is scanned, in mm.
    offset_mm : tuple of float
        How far off centre the patient lies, along x and y.
    rotation : float
        How far the patient is turned, in radians.
    warp_mm : ndarray of float32, shape (n, 2, 14, 14)
        How far points are moved along x and y, over the field of view, every 30 mm of z around 0:
        no outline is an ellipse and no wall is straight.
    texture_hu : ndarray of float32, shape (n, 14, 14)
        Smooth unevenness of tissue, in HU, every 30 mm of z around 0.

    Examples
    --------
    >>> patient = draw_patient(np.random.default_rng(0))
    >>> [kidney.side for kidney in patient.kidneys]
    ['right', 'left']
    """

    shapes: tuple[Shape | Tube, ...]
    kidneys: tuple[Kidney, Kidney]
    vessels: tuple[Vessel, ...]
    contrast: Contrast
    span: tuple[float, float]
    offset_mm: tuple[float, float]
    rotation: float
    warp_mm: np.ndarray
    texture_hu: np.ndarray


def draw_patient(rng: np.random.Generator) -> Patient:
    """Draw a patient; everything but the stones and what looks like them.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the draw; the same state gives the same patient.
    """
    build = draw_build(rng)
    kidneys = (kidney.draw_kidney(-1, build, rng), kidney.draw_kidney(1, build, rng))
    courses = vessels.draw_vessels(build, kidneys, rng)
    return Patient(
        shapes=tuple(_shapes(build, kidneys, courses, rng)),
        kidneys=kidneys,
        vessels=courses,
        contrast=build.contrast,
        span=SPAN,
        offset_mm=(float(rng.normal(0, 5)), float(rng.normal(4, 6))),
        rotation=float(rng.normal(0, 0.035)),
        warp_mm=_draw_warp(rng),
        texture_hu=rng.normal(0, 5, size=(15, 14, 14)).astype(np.float32),
    )


def _draw_warp(rng: np.random.Generator) -> np.ndarray:
    """Return long waves that run through the body, and short ones that differ along z."""
    long, short = rng.normal(0, 1.5, (2, 7, 7)), rng.normal(0, 1.6, (15, 2, 14, 14))
    smooth = np.stack(
        [cv2.resize(field, (14, 14), interpolation=cv2.INTER_CUBIC) for field in long]
    )
    return (smooth + short).astype(np.float32)


def _shapes(
    build: Build,
    kidneys: tuple[Kidney, Kidney],
    courses: tuple[Vessel, ...],
    rng: np.random.Generator,
) -> list[Shape | Tube]:
    return [
        *organs.base_shapes(build),
        *organs.chest_shapes(build, rng),
        *organs.solid_organs(build, rng),
        *organs.pelvic_organs(build, rng),
        *bowel.bowel_shapes(build, rng),
        *muscles.wall_shapes(build),
        *muscles.front_shapes(build),
        *muscles.back_shapes(build, rng),
        *muscles.hip_shapes(build),
        *skeleton.pelvis_shapes(build),
        *skeleton.rib_shapes(build, rng),
        *spine.spine_shapes(build, rng),
        *vessels.vessel_shapes(build, courses),
        *(shape for one in kidneys for shape in kidney.kidney_shapes(one, build, rng)),
        *muscles.skin_shapes(build),
        *muscles.table_shapes(build),
    ]
