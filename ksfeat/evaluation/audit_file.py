"""Groups as a file that `fit --groups` reads."""

from __future__ import annotations

import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.dataset.identity import relative_name


def groups_table(dataset: Dataset) -> pd.DataFrame | None:
    """Return a table of path and group, one row a file.

    Returns
    -------
    DataFrame or None
        Paths are relative to the data. None where images are called by pseudonyms, as those of
        DICOM files are: their names may tell who somebody is, and stay where they are.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=2, slices=1, random_state=0)
    >>> groups_table(ksfeat.load_dataset(folder / "manifest.csv"))["group"].tolist()
    ['patient_000', 'patient_001']
    """
    names = [relative_name(source.path, dataset.root) for source in dataset.images]
    if any(not key.startswith(name) for key, name in zip(dataset.keys, names, strict=True)):
        return None
    table = pd.DataFrame({"path": names, "group": dataset.known_groups()})
    return table.drop_duplicates("path", ignore_index=True)
