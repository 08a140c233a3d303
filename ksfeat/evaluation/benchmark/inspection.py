"""What only pixels tell of a benchmark's images, looked for before the long work begins."""

from __future__ import annotations

from collections.abc import Sequence

from ksfeat.embedding.picture import PictureMaker
from ksfeat.errors import InputError
from ksfeat.evaluation.benchmark.contenders import EMBEDDING, Contender
from ksfeat.evaluation.benchmark.material import Material
from ksfeat.io import ImageSource, image_digest
from ksfeat.scale import map_ordered

APART, REGIONS = "apart", "regions"


def asked_of(contenders: Sequence[Contender], material: Material, view: str) -> tuple[str, ...]:
    """Return what has to be looked for: shared images, and regions where networks see a crop."""
    see = any(item.is_cnn or EMBEDDING in item.parts for item in contenders)
    return (APART,) * bool(material.outside) + (REGIONS,) * (see and view == "crop")


def inspect(asked: Sequence[str], material: Material) -> None:
    """Read all images once for each thing that is asked.

    Parameters
    ----------
    asked : sequence of {"apart", "regions"}
        "apart": no outside image has the pixels of one of the data. "regions": each image has a
        mask or boxes that a network can be shown.
    material : Material
        The images.

    Raises
    ------
    InputError
        If an image is not as it should be; the line names one.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> from ksfeat.evaluation.benchmark.material import gather
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=4, slices=1, random_state=0)
    >>> data = ksfeat.load_dataset(folder)
    >>> inspect(("apart",), gather(data, n_sampled=0, outside={"ours": data}))
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: ours: 4 of 4 images are in the benchmark's data too, such as ...
    """
    if REGIONS in asked:
        for data in (material.dataset, *material.outside.values()):
            map_ordered(_require_region, data.images)
    if APART in asked:
        _require_apart(material)


def _require_region(source: ImageSource) -> None:
    PictureMaker(view="crop").make(source.read())


def _require_apart(material: Material) -> None:
    data = material.dataset
    known = dict(zip(map_ordered(image_digest, data.images), data.keys, strict=True))
    for name, other in material.outside.items():
        digests = map_ordered(image_digest, other.images)
        shared = [(key, known[d]) for key, d in zip(other.keys, digests, strict=True) if d in known]
        if shared:
            raise InputError(
                f"{name}: {len(shared)} of {len(other)} images are in the benchmark's data too, "
                f"such as {shared[0][0]} ({shared[0][1]} there); expected images that no model is "
                "fitted on; leave them out of one of the two"
            )
