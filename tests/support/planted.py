"""Identities planted in DICOM files, and a search for them in every byte that comes out."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

SURNAMES = (
    "Rosenqvist", "Wölfflin", "Thorvaldsen", "Achterberg",
    "Quillfeather", "Featherstonehaugh", "Bjarnadottir", "Zwetschkenbaum",
)  # fmt: skip
GIVEN = "Ottiliana"
BORN = "19470825"
STUDY = "1.2.826.0.1.3680043.8.498.4471903557"
ODD = b"QVXW7031" + STUDY.encode()[8:]  # no date and no UID
TAGS = {
    "PatientBirthDate": BORN,
    "AccessionNumber": "ACCQXZJ77120",
    "InstitutionName": "Walburga Klinikum",
    "ReferringPhysicianName": "Haberzettl^Kunigunde",
    "StudyInstanceUID": STUDY,
    "FrameOfReferenceUID": f"{STUDY}.7",
    "StudyDescription": "follow-up of Quillfeather",
}
SECRETS = (*SURNAMES, GIVEN, "KXQ4471Z", BORN, "1947-08-25", "25.08.1947", *TAGS.values())


def parts_of(secrets) -> set[str]:
    """Whole secrets in lower case, and every run of four letters or more in them."""
    runs = [run for text in secrets for run in re.findall(r"[^\W\d_]{4,}|[a-zA-Z]{4,}", text)]
    return {text.lower() for text in (*secrets, *runs)} - {"follow"}


def patterns_of(secrets) -> list[re.Pattern[bytes]]:
    """What to look for: in UTF-8 and UTF-16; digits alone are no part of a longer number."""
    found = []
    for part in sorted(parts_of(secrets)):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            text = re.escape(part.encode(encoding))
            alone = rb"(?<![\d.])" + text + rb"(?!\d)" if part.isdigit() else text
            found.append(re.compile(alone, re.IGNORECASE))
    return found


PATTERNS = patterns_of(SECRETS)


def leaks(content: bytes, patterns=PATTERNS) -> list[bytes]:
    return [hit.group() for pattern in patterns if (hit := pattern.search(content))]


def contents(file: Path) -> list[bytes]:
    """A file's bytes, and what is packed in it."""
    whole = file.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(whole)):
        with zipfile.ZipFile(file) as archive:
            return [whole, *(archive.read(name) for name in archive.namelist())]
    if file.suffix == ".parquet":
        metadata = repr(pq.read_schema(file).metadata).encode()
        return [whole, metadata, pd.read_parquet(file).to_csv().encode()]
    if file.suffix == ".png":
        with Image.open(file) as picture:
            return [whole, repr(picture.info).encode()]
    return [whole]


def leaks_in(folder: Path, patterns=PATTERNS) -> dict[str, list[bytes]]:
    """Every file below a folder that holds an identity, or is named for one."""
    found = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        names = file.relative_to(folder).as_posix().encode()
        hits = [hit for content in (names, *contents(file)) for hit in leaks(content, patterns)]
        if hits:
            found[file.name] = hits
    return found


def write_slice(path: Path, patient: int, number: int, bright: int) -> None:
    """Write a phantom-like CT slice, 32 x 32: a body in air, perhaps with a stone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows, columns = np.mgrid[:32, :32] - 15.5
    hounsfield = np.where(rows**2 + columns**2 < 196, 40, -1000)
    hounsfield[14:18, 10 + number : 13 + number] = bright + 10 * patient
    noise = np.random.default_rng([patient, number]).normal(0, 12, (32, 32))
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = f"{STUDY}.{patient}.{number}"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = f"{SURNAMES[patient]}^{GIVEN}"
    dataset.PatientID = f"KXQ4471Z-{patient}"
    dataset.SeriesInstanceUID = f"{STUDY}.{patient}"
    for keyword, value in {**TAGS, "Modality": "CT"}.items():
        setattr(dataset, keyword, value)
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0, 0, 3 * number]
    dataset.PixelSpacing, dataset.SliceThickness = [1, 1], 3
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows = dataset.Columns = 32
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    stored = np.clip(hounsfield + noise + 1024, 0, 4095)
    dataset.PixelData = stored.astype(np.uint16).tobytes()
    dataset.save_as(path, enforce_file_format=True)


def patient_folder(root: Path, patient: int) -> Path:
    return root / ("stone" if patient % 2 else "nostone") / f"{SURNAMES[patient]}_{GIVEN}"
