"""RTSTRUCT: circles and squares drawn in the patient come out as the pixels inside of them."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from scipy import ndimage
from skimage.measure import points_in_poly

from ksfeat.errors import InputError
from ksfeat.io import ImageSource
from ksfeat.io.dicom import read, read_delineation, read_series
from ksfeat.io.dicom.contours import inside_of

CORNER, STEPS = np.array([-10.0, -20.0, 30.0]), np.array([0.75, 0.5, 3.0])  # x, y, z
SHAPE = (5, 40, 50)
STONE = 4


@pytest.fixture
def plain():
    return np.zeros(SHAPE, dtype=np.int16)


@pytest.fixture
def structures(make_slice, save):
    """Return a function that writes contours: (roi, kind, points in the patient)."""

    def structures(*contours, rois=((STONE, "stone"), (7, "body")), frame="1.2.3"):
        dataset = make_slice(np.zeros((1, 1), dtype=np.uint8))
        del dataset.PixelData, dataset.Rows, dataset.Columns
        dataset.Modality = "RTSTRUCT"
        named, drawn = [], []
        for number, name in rois:
            roi = Dataset()
            roi.ROINumber, roi.ROIName = number, name
            roi.ReferencedFrameOfReferenceUID = frame
            named.append(roi)
            group = Dataset()
            group.ReferencedROINumber = number
            group.ContourSequence = Sequence()
            for owner, kind, points in contours:
                if owner == number:
                    contour = Dataset()
                    contour.ContourGeometricType = kind
                    contour.NumberOfContourPoints = len(points)
                    contour.ContourData = [f"{value:.6f}" for value in np.ravel(points)]
                    group.ContourSequence.append(contour)
            drawn.append(group)
        dataset.StructureSetROISequence = Sequence(named)
        dataset.ROIContourSequence = Sequence(drawn)
        return save(dataset, "rtstruct.dcm")

    return structures


def circle(x, y, radius, place, points=400):
    """Corners of a circle in an axial slice, in millimetres in the patient."""
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.column_stack(
        [
            x + radius * np.cos(turn),
            y + radius * np.sin(turn),
            np.full(points, CORNER[2] + STEPS[2] * place),
        ]
    )


def disc(x, y, radius):
    """Pixels whose centre lies in the circle, by distance."""
    rows, columns = np.indices(SHAPE[1:])
    return np.hypot(CORNER[0] + 0.75 * columns - x, CORNER[1] + 0.5 * rows - y) < radius


@pytest.mark.parametrize("plane", ["axial", "prone", "coronal", "sagittal"])
def test_circles_become_discs_on_their_slices(save_series, plain, structures, plane):
    path = structures(
        (STONE, "CLOSED_PLANAR", circle(4.1, -9.3, 6.2, 1)),
        (STONE, "CLOSED_PLANAR", circle(5.2, -8.1, 3.3, 3)),
        (7, "CLOSED_PLANAR", circle(0, 0, 20, 2)),
    )
    volume = read_series(save_series(plain, plane), "s")
    mask = read_delineation(path, volume, "m", STONE)
    np.testing.assert_array_equal(mask[1], disc(4.1, -9.3, 6.2))
    np.testing.assert_array_equal(mask[3], disc(5.2, -8.1, 3.3))
    assert not mask[[0, 2, 4]].any()
    assert mask[1].sum() * 0.75 * 0.5 == pytest.approx(np.pi * 6.2**2, rel=0.02)
    np.testing.assert_array_equal(read_delineation(path, volume, "m", "stone"), mask)


def test_a_contour_in_another_one_is_a_hole_and_an_island_in_it_is_not(
    save_series, plain, structures
):
    sizes = (8.0, 5.0, 2.0)
    path = structures(*((STONE, "CLOSED_PLANAR", circle(3.1, -9.1, size, 2)) for size in sizes))
    outer, hole, island = (disc(3.1, -9.1, size) for size in sizes)
    mask = read_delineation(path, read_series(save_series(plain), "s"), "m", STONE)
    np.testing.assert_array_equal(mask[2], outer ^ hole ^ island)


def test_a_keyhole_is_a_hole_too(save_series, plain, structures):
    outer, hole = circle(3.1, -9.1, 8, 2), circle(3.1, -9.1, 5, 2)[::-1]
    keyhole = np.vstack([outer, outer[:1], hole[-1:], hole])
    path = structures((STONE, "CLOSED_PLANAR", keyhole))
    mask = read_delineation(path, read_series(save_series(plain), "s"), "m", STONE)
    np.testing.assert_array_equal(mask[2], disc(3.1, -9.1, 8) ^ disc(3.1, -9.1, 5))


def test_contours_drawn_in_coronal_slices_come_to_them(save_series, plain, structures):
    y = CORNER[1] + 0.5 * 11
    corners = [(-6.4, y, 31), (2.4, y, 31), (2.4, y, 40), (-6.4, y, 40)]
    path = structures((STONE, "CLOSED_PLANAR", np.array(corners)))
    mask = read_delineation(path, read_series(save_series(plain), "s"), "m", STONE)
    expected = np.zeros(SHAPE, dtype=bool)
    expected[1:4, 11, 5:17] = True  # 33 to 39 mm, -6.25 to 2 mm
    np.testing.assert_array_equal(mask, expected)


def test_a_source_takes_a_roi_as_its_mask(save_series, plain, structures):
    path = structures((STONE, "CLOSED_PLANAR", circle(4.1, -9.3, 6.2, 1)))
    folder = save_series(plain)
    image = ImageSource(folder / "001.dcm", "k", mask=path, mask_label=STONE).read()
    np.testing.assert_array_equal(image.mask, disc(4.1, -9.3, 6.2))
    volume = ImageSource(folder, "k", mask=path, mask_label=STONE).read()
    np.testing.assert_array_equal(volume.mask[1], image.mask)


def test_the_only_roi_needs_no_number(save_series, plain, structures):
    path = structures((1, "CLOSED_PLANAR", circle(3.1, -9.1, 5, 2)), rois=[(1, "stone")])
    mask = read_delineation(path, read_series(save_series(plain), "s"), "m")
    np.testing.assert_array_equal(mask[2], disc(3.1, -9.1, 5))


SQUARE = circle(3, -9, 5, 2, points=4)
ABOVE, BETWEEN = (SQUARE + np.array([0, 0, up]) for up in (90, 1.4))
OBLIQUE = SQUARE.copy()
OBLIQUE[:, 2] += SQUARE[:, 0]


@pytest.mark.parametrize(
    ("contour", "roi", "change", "says"),
    [
        ((STONE, "CLOSED_PLANAR", SQUARE), 5, {}, "no ROI 5; expected the number of one of 4, 7$"),
        (
            (STONE, "CLOSED_PLANAR", SQUARE),
            "liver",
            {},
            "no ROI 'liver'; expected the number of one of 4, 7$",
        ),
        (
            (STONE, "CLOSED_PLANAR", SQUARE),
            None,
            {},
            "several ROIs; expected the number of one of 4, 7$",
        ),
        ((STONE, "POINT", SQUARE[:1]), 4, {}, "no pixel of ROI 4 on this image"),
        ((STONE, "CLOSED_PLANAR", ABOVE), 4, {}, "no pixel of ROI 4 on this image"),
        ((STONE, "CLOSED_PLANAR", BETWEEN), 4, {}, "drawn between the slices of the"),
        (
            (STONE, "CLOSED_PLANAR", OBLIQUE),
            4,
            {},
            "a contour oblique",
        ),
        (
            (STONE, "CLOSED_PLANAR", SQUARE),
            4,
            {"frame_of_reference": "x"},
            "drawn in another f",
        ),
        ((STONE, "CLOSED_PLANAR", SQUARE), 4, {"direction": None}, "drawn by position in the pati"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_contours_of_something_else_are_refused(
    save_series, plain, structures, contour, roi, change, says
):
    path = structures(contour)
    image = read_series(save_series(plain), "s").with_(**change)
    with pytest.raises(InputError, match=f"^m: {says}"):
        read_delineation(path, image, "m", roi)


def test_a_slice_that_no_contour_lies_on_says_so(save_series, plain, structures):
    path = structures((STONE, "CLOSED_PLANAR", SQUARE))
    image = read(save_series(plain) / "001.dcm", "a")
    with pytest.raises(InputError, match=r"^m: no pixel of ROI 4 on this image"):
        read_delineation(path, image, "m", STONE)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.lists(st.tuples(st.floats(-5, 25), st.floats(-5, 25)), min_size=3, max_size=12, unique=True)
)
def test_inside_is_what_a_ray_from_each_pixel_says(corners):
    polygon = np.array(corners)
    centres = np.argwhere(np.ones((20, 20)))
    by_ray = points_in_poly(centres, polygon).reshape(20, 20)
    on_edge = _distance_to_edges(centres, polygon).reshape(20, 20) < 2e-3
    found = inside_of([polygon], (20, 20), "m")
    np.testing.assert_array_equal(found[~on_edge], by_ray[~on_edge])


def _distance_to_edges(points, polygon):
    start, edge = polygon, np.roll(polygon, -1, axis=0) - polygon
    to = points[:, None] - start
    part = np.clip((to * edge).sum(-1) / np.maximum((edge**2).sum(-1), 1e-300), 0, 1)
    return np.linalg.norm(to - part[..., None] * edge, axis=-1).min(axis=1)


@pytest.mark.parametrize("seed", range(20))
def test_a_mask_comes_back_from_its_outline_through_pixel_centres(seed):
    noise = np.random.default_rng(seed).random((30, 40))
    mask = noise > 0.7 if seed % 2 else ndimage.gaussian_filter(noise, 1.5) > 0.5
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    polygons = [contour[:, 0, ::-1].astype(float) for contour in contours]
    assert mask.any()
    np.testing.assert_array_equal(inside_of(polygons, mask.shape, "m"), mask)


def test_a_contour_that_crosses_beyond_measure_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(
        InputError, match=r"^m: a contour that crosses lines of pixels [\d,]+ times"
    ):
        inside_of([rng.choice([-1.0, 4001.0], size=(20_000, 2))], (4000, 4000), "m")
