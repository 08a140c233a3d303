"""`ksfeat demo`: the main job on built-in, simulated data, from images to a page.

The first task is which half of a slice holds the stone. Whole slices of patients with and without
stones are harder to tell apart, since patients differ by much more than a small stone; the halves
of one slice differ by little else. Here they reach an AUROC of 0.742 (0.677-0.802), at 80 patients
of 4 slices of 256 pixels; what more patients and real coronal slices give stands in the README.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ksfeat.cli import options
from ksfeat.errors import InputError

if TYPE_CHECKING:
    from ksfeat.report.page import Section

TASKS = {
    "half": ("Stone or no stone in half a slice", {"patients": 80, "slices": 4, "size": 256}),
    "type": ("Which of five stone types", {"patients": 100, "slices": 2, "size": 256}),
}
MADE = ("index.html", "*.ksf", "half/**/*", "type/**/*", "pictures/**/*")
_JUDGED = 100  # simulated stones of each type that the bound is estimated on: seconds
TITLE = "ksfeat on simulated kidneys"
LEAD = (
    "Every image here is simulated (CT of drawn patients, from physics), so these scores say "
    "that the way works, not how well it works on people."
)

_NEXT = """
Open {page} in a browser.

The same on your own folder (one folder a class, or a manifest):

  ksfeat fit PATH/TO/YOUR/FOLDER --out my-model.ksf
  ksfeat predict my-model.ksf PATH/TO/AN/IMAGE.png
  ksfeat explain my-model.ksf PATH/TO/AN/IMAGE.png --out why

Or first on what the demo made:

  ksfeat fit {data} --out my-model.ksf --model svm"""


@click.command()
@click.option("--out", default="ksfeat-demo", show_default=True, help="Folder for everything made.")
@options.jobs
@options.seed
@options.as_json
def demo(out: str, jobs: int, seed: int, as_json: bool) -> None:
    """Run the whole job on simulated data and make a page of it."""
    from ksfeat.cli import console

    result = run_demo(Path(out), jobs=jobs, seed=seed, quiet=as_json)
    if as_json:
        console.print_json(result)
    else:
        console.say(_NEXT.format(page=result["page"], data=Path(out) / "half" / "manifest.csv"))


def run_demo(
    out: Path, *, jobs: int, seed: int, quiet: bool, tasks: dict[str, Any] = TASKS
) -> dict[str, Any]:
    """Make the data sets, run the job on each and write a page; return a summary."""
    from ksfeat.report.folder import output_folder
    from ksfeat.report.page import render_page

    _check_place(out)
    with output_folder(out, replaces=MADE) as folder:
        sections = [
            run_task(task, folder, tasks[task], jobs=jobs, seed=seed, quiet=quiet) for task in tasks
        ]
        (folder / "index.html").write_text(render_page(TITLE, LEAD, sections), encoding="utf-8")
    return {
        "out": str(out),
        "page": str(out / "index.html"),
        "simulated": True,
        "tasks": {
            task: section.training.to_dict() for task, section in zip(tasks, sections, strict=True)
        },
    }


def run_task(
    task: str,
    folder: Path,
    settings: tuple[str, dict[str, int]],
    *,
    jobs: int,
    seed: int,
    quiet: bool,
) -> Section:
    """Make one simulated data set, audit, train and explain it; return its part of the page."""
    from ksfeat.attribution.explain import explain_table
    from ksfeat.cli import console
    from ksfeat.cli.fit import fit_model
    from ksfeat.phantom import Scan, make_phantom
    from ksfeat.report.gallery import draw_certainty, draw_dataset, draw_one_per_class
    from ksfeat.report.page import Section

    heading, sizes = f"{settings[0]} (simulated)", settings[1]
    make_phantom(
        folder / task,
        task=task,
        patients=sizes["patients"],
        slices=sizes["slices"],
        scan=Scan(size=sizes["size"]),
        random_state=seed,
        n_jobs=jobs,
    )
    manifest = folder / task / "manifest.csv"
    training = fit_model(str(manifest), folder / f"{task}.ksf", jobs=jobs, seed=seed)
    findings = training.audit.findings()
    if task == "type":
        findings = [*findings, best_possible(seed)]
    if not quiet:
        console.say(f"\n{heading}")
        for finding in findings:
            console.say(f"audit: {finding}")
        console.print_scores(training.crossval.title, training.crossval.scores)
    pictures = folder / "pictures" / task
    pictures.mkdir(parents=True)
    explanation = explain_table(
        training.classifier.model_, training.table, tuple(training.dataset.keys)
    )
    explanation.save(pictures / "explanation.json")
    drawn = draw_one_per_class(explanation, training.dataset, pictures, "simulated")
    drawn += draw_dataset(explanation, pictures, "simulated")
    if training.crossval.judgement is not None:
        drawn += draw_certainty(training.crossval.judgement, pictures, "simulated")
    return Section(heading, findings, training, drawn)


def best_possible(seed: int) -> str:
    """Say how well the simulated types can be told apart at best, at one energy."""
    from ksfeat.phantom import Scan, bayes_bound

    bound = bayes_bound(Scan(), see="all", n_stones=_JUDGED, random_state=seed)
    return (
        "at best, the simulated types can be told apart with a balanced accuracy of about "
        f"{bound.balanced_accuracy:.2f} (Bayes bound, one energy, "
        f"standard error {bound.standard_error:.2f})"
    )


def _check_place(out: Path) -> None:
    """Refuse to write over anything but an earlier demo."""
    made_here = (out / "index.html").is_file() and (out / "half" / "manifest.csv").is_file()
    if out.is_dir() and any(out.iterdir()) and not made_here:
        raise InputError(f"{out}: exists and is not an earlier demo; choose another --out")
