"""`ksfeat phantom`: make a simulated data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ksfeat.cli import options

WINDOWS = {"soft": "soft_tissue", "bone": "bone", "stone": "stone"}
_SCAN = ("size", "kernel", "dose", "plane")
_FOLDS = 5  # of `ksfeat fit`, unless it is told otherwise


@click.command()
@click.option("--out", metavar="DIR", required=True, help="New folder for the data.")
@click.option(
    "--task",
    type=click.Choice(["stone", "half", "type", "photograph"]),
    default="stone",
    show_default=True,
    help="On CT: patients with or without stones, halves of slices with or without, or five types "
    "of outlined stones; or the types as endoscopic photographs.",
)
@click.option("--patients", type=int, default=40, show_default=True, help="Patients in all.")
@click.option("--slices", type=int, default=6, show_default=True, help="Images a patient.")
@click.option("--size", type=int, default=256, show_default=True, help="Side in pixels.")
@click.option(
    "--kvp",
    type=options.Names(),
    default="120",
    show_default=True,
    metavar="KV[,KV]",
    help="Tube voltage, or the lower and the higher one of dual energy: 80, 100, 120, 140, and "
    "with a tin filter Sn140, Sn150.",
)
@click.option(
    "--kernel",
    type=click.Choice(["soft", "sharp"]),
    default="soft",
    show_default=True,
    help="Reconstruction kernel.",
)
@click.option(
    "--thickness", type=float, default=3.0, show_default=True, help="Slice thickness in mm."
)
@click.option(
    "--dose", type=float, default=1.0, show_default=True, help="Relative to the reference."
)
@click.option(
    "--motion",
    type=float,
    default=0.0,
    show_default=True,
    help="Breathing in mm: it blurs slices and moves them.",
)
@click.option(
    "--plane",
    type=click.Choice(["axial", "coronal"]),
    default="axial",
    show_default=True,
    help="Plane of the slices; coronal ones take much longer.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["png", "nifti", "dicom"]),
    default="png",
    show_default=True,
    help="8-bit pictures, a volume a patient in HU, or DICOM files in HU.",
)
@click.option(
    "--window",
    type=click.Choice(list(WINDOWS)),
    help="Of pictures; in DICOM what viewers show first. Default of pictures: -400 to 1600 HU.",
)
@click.option("--phleboliths", is_flag=True, help="Make them a class of their own, of task type.")
@click.option("--ureter", is_flag=True, help="Let one stone in five lie in the ureter.")
@options.jobs
@options.seed
@options.as_json
def phantom(**given: Any) -> None:
    """Simulate patients with known stones: images, masks, boxes and a manifest.

    From physics: attenuation by formula and density, partial volume, point spread and noise. The
    same seed gives the same bytes.
    """
    from ksfeat.cli import console
    from ksfeat.phantom import Scan, make_phantom
    from ksfeat.roi.window import WINDOWS as BOUNDS

    scan = Scan(
        beams=given["kvp"],
        thickness_mm=given["thickness"],
        motion_mm=given["motion"],
        **{name: given[name] for name in _SCAN},
    )
    window = given["window"]
    with console.progress("patients"):
        folder = make_phantom(
            given["out"],
            task=given["task"],
            patients=given["patients"],
            slices=given["slices"],
            scan=scan,
            format=given["format_"],
            window=None if window is None else BOUNDS[WINDOWS[window]].bounds,
            phleboliths=given["phleboliths"],
            ureter=given["ureter"],
            random_state=given["seed"],
            n_jobs=given["jobs"],
        )
    result = summary(folder)
    if given["as_json"]:
        console.print_json(result)
        return
    console.say(f"{result['images']} simulated images of {result['patients']} patients in {folder}")
    for name, count in result["classes"].items():
        console.say(f"  {name}: {count}")
    console.say(next_step(result["manifest"], result["fewest_patients"]))


def next_step(manifest: str, fewest: int) -> str:
    """Return what to do with a data set whose rarest class has some number of patients."""
    if fewest < 2:
        return "too few patients to judge a model on: a class has one; ask for more with --patients"
    folds = " --cv 2" if fewest < _FOLDS else ""
    return f"next: ksfeat fit {manifest} --out my-model.ksf{folds}"


def summary(folder: Path) -> dict[str, Any]:
    """Return what a data set holds, as its manifest says."""
    import pandas as pd

    table = pd.read_csv(folder / "manifest.csv", dtype=str)
    counts = table["label"].value_counts().sort_index()
    return {
        "out": str(folder),
        "manifest": str(folder / "manifest.csv"),
        "simulated": True,
        "images": len(table),
        "patients": int(table["group"].nunique()),
        "fewest_patients": int(table.groupby("label")["group"].nunique().min()),
        "classes": {str(name): int(count) for name, count in counts.items()},
    }
