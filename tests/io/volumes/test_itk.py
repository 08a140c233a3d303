"""NRRD and MHA as ITK and pynrrd write them: every voxel where those put it in the patient."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksfeat.io import read_image

few = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NRRD = b"NRRD0004\ntype: int16\ndimension: 3\nsizes: 4 3 5\nendian: little\n"


def nrrd_file(folder, fields: str, payload: bytes, header: bytes = NRRD):
    path = folder / "a.nrrd"
    path.write_bytes(header + fields.encode() + b"\n" + payload)
    return path


@few
@given(data=st.data())
@pytest.mark.parametrize("ending", [".nrrd", ".mha"])
def test_a_voxel_lies_where_itk_says(tmp_path, affines, voxels, ending, data):
    sitk = pytest.importorskip("SimpleITK")
    affine = np.diag([-1, -1, 1, 1]) @ data.draw(affines)
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    made = sitk.GetImageFromArray(voxels.T)  # ITK's arrays run z, y, x
    made.SetSpacing(lengths.tolist())
    made.SetDirection((affine[:3, :3] / lengths).ravel().tolist())
    made.SetOrigin(affine[:3, 3].tolist())
    path = tmp_path / f"a{ending}"
    sitk.WriteImage(made, str(path), useCompression=data.draw(st.booleans()))

    image = read_image(path)
    assert image.unit == "grey"
    assert (np.diag(image.direction[:, ::-1]) > 0.9).all()  # upright
    steps = image.direction * np.array(image.spacing_mm)[:, None]
    for index in np.ndindex(image.shape):
        point = image.origin_mm + np.array(index) @ steps
        there = made.TransformPhysicalPointToIndex(point.tolist())
        assert image.pixels[index] == made[there]


TYPES = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("ending", [".nrrd", ".mha"])
def test_every_type_of_number_keeps_its_value_and_type(tmp_path, dtype, ending):
    sitk = pytest.importorskip("SimpleITK")
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    sitk.WriteImage(sitk.GetImageFromArray(array), str(tmp_path / f"a{ending}"))
    image = read_image(tmp_path / f"a{ending}")
    np.testing.assert_array_equal(image.pixels, array)
    assert image.pixels.dtype == array.dtype


@pytest.mark.parametrize("encoding", ["raw", "gzip", "ascii"])
@pytest.mark.parametrize("space", ["right-anterior-superior", "LPS", "left-anterior-superior"])
def test_pynrrds_encodings_and_spaces(tmp_path, voxels, encoding, space):
    nrrd = pytest.importorskip("nrrd")
    fields = {"space": space, "space directions": np.diag([0.5, 2.0, 3.0]), "encoding": encoding}
    fields["space origin"] = (10.0, 20.0, 30.0)
    nrrd.write(str(tmp_path / "a.nrrd"), voxels, fields)
    image = read_image(tmp_path / "a.nrrd")
    left, back = (space[0].upper() == "L"), (space.split("-")[-2:][0] == "posterior")
    back = back or space == "LPS"
    flipped = voxels[:: 1 if left else -1, :: 1 if back else -1]
    np.testing.assert_array_equal(image.pixels, flipped.T)
    assert image.spacing_mm == (3.0, 2.0, 0.5)
    first = (10.0 if left else -10 - 3 * 0.5, 20.0 if back else -20 - 2 * 2.0, 30.0)
    np.testing.assert_allclose(image.origin_mm, first)


@pytest.mark.parametrize("ending", [".nrrd", ".mha"])
def test_a_file_of_two_axes_is_one_image(tmp_path, ending):
    sitk = pytest.importorskip("SimpleITK")
    array = np.arange(12, dtype=np.int16).reshape(3, 4)
    made = sitk.GetImageFromArray(array)
    made.SetSpacing((0.5, 2.0))
    sitk.WriteImage(made, str(tmp_path / f"a{ending}"))
    image = read_image(tmp_path / f"a{ending}")
    assert (image.volume, image.spacing_mm) == (False, (2.0, 0.5))
    np.testing.assert_array_equal(image.pixels, array)


def test_without_a_known_space_the_files_order_is_kept_and_no_direction_is_said(tmp_path, voxels):
    payload = voxels.tobytes(order="F")
    for fields, spacing in (
        ("encoding: raw\n", None),
        ("encoding: raw\nspacings: 1 2 3\n", (3.0, 2.0, 1.0)),
        ("encoding: raw\nspacings: nan nan nan\n", None),
        (
            "encoding: raw\nspace: scanner-xyz\nspace directions: (1,0,0) (0,2,0) (0,0,3)\n",
            (3, 2, 1),
        ),
    ):
        image = read_image(nrrd_file(tmp_path, fields, payload))
        assert (image.direction, image.origin_mm, image.spacing_mm) == (None, None, spacing)
        np.testing.assert_array_equal(image.pixels, voxels.T)


def test_what_slicer_adds_to_a_header_is_passed_over(tmp_path, voxels):
    fields = (
        "# a comment\nencoding: gzip\nSegment0_Name:=kidney\nmeasurement frame: (1,0,0) (0,1,0) "
        '(0,0,1)\nspace: left-posterior-superior\nspace units: "mm" "mm" "mm"\n'
        "space directions: (1, 0, 0) (0, 1, 0) (0, 0, 2)\nkinds: domain domain domain\n"
    )
    packed = zlib.compressobj(wbits=31)
    payload = packed.compress(voxels.tobytes(order="F")) + packed.flush()
    image = read_image(nrrd_file(tmp_path, fields, payload))
    np.testing.assert_array_equal(image.pixels, voxels.T)
    assert image.spacing_mm == (2.0, 1.0, 1.0)


@pytest.mark.parametrize("kind", ["big endian", "text"])
def test_metaimages_that_simpleitk_does_not_write(tmp_path, voxels, kind):
    header = "ObjectType = Image\nNDims = 3\nDimSize = 4 3 5\nElementType = MET_SHORT\n"
    if kind == "text":
        spelled = io.StringIO()
        np.savetxt(spelled, voxels.ravel(order="F"), fmt="%d")
        header, payload = header + "BinaryData = False\n", spelled.getvalue().encode()
    else:
        header, payload = header + "ElementByteOrderMSB = True\n", voxels.T.astype(">i2").tobytes()
    path = tmp_path / "a.mha"
    path.write_bytes(header.encode() + b"ElementDataFile = LOCAL\n" + payload)
    image = read_image(path)
    np.testing.assert_array_equal(image.pixels, voxels.T)
    assert image.pixels.dtype == np.int16
    assert (image.direction, image.spacing_mm) == (None, None)
