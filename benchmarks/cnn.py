"""Features and embeddings against CNNs: the same folds, what each costs, and what corruption does.

Without ``--quick`` or ``--rerun`` the committed rows are printed, once it is certain that they are
still of the splits that the code makes today; a whole run takes some hours on two cores, goes on
where it stopped (``--folder``), and needs the real data (KSFEAT_DATA names their folder).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.cnn_sets import SETS, TITLES, BenchmarkSet, quick_set, split_hashes
from benchmarks.cnn_tables import CLASSICAL, MAIN, RIVAL, TABLES, tables_of, targets_of
from benchmarks.harness import RESULTS, ROOT, commit, provenance, undecided
from ksfeat.evaluation.benchmark import Benchmark, Settings, run_benchmark
from ksfeat.evaluation.benchmark.contenders import (
    NETWORKS,
    STANDARD,
    WITH_BOXES,
    WITH_COVARIATES,
    parse_contender,
)
from ksfeat.report.benchmark_page import write_benchmark

PICTURES = ROOT / "docs"
PRECISION = "mixed"  # what this machine's processors do twice as fast: the cheapest rival
SIZE = 192  # pixels a side, and 8 epochs: the fixed recipe, a lower bound of what CNNs can do
QUICK = (*CLASSICAL, MAIN, RIVAL)  # whom the targets are of


def rerun(folder: Path, names: list[str], seed: int, *, done: bool) -> dict[str, pd.DataFrame]:
    """Run every contender on every set, or on some, and write the tables.

    With `done`, only those contenders are told of that the folder holds wholly already.
    """
    found = {}
    for name in names:
        work = folder / "sets" / name
        work.mkdir(parents=True, exist_ok=True)
        result = _run(SETS[name](work, seed), folder / name, seed, done=done)
        write_benchmark(result, folder / name)
        for picture in (folder / name / "pictures").glob("*.png"):
            shutil.copy(picture, PICTURES / f"benchmark_{name}_{picture.name}")
        found[TITLES[name]] = result
    tables = tables_of(found)
    about = {**provenance(seed), "commit": _commit_of(folder), "measured": _time_of(folder)}
    for name, table in tables.items():
        table.assign(**about).to_csv(RESULTS / f"{name}.csv", index=False)
    return tables


def quick(seed: int) -> dict[str, pd.DataFrame]:
    """Run some contenders on some simulated images."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(
            n_folds=2, n_sampled=8, cnn={"size": 32, "epochs": 2}, random_state=seed
        )
        made = quick_set(folder, seed)
        result = run_benchmark(
            made.dataset, folder / "out", contenders=QUICK, settings=settings, tell=_tell
        )
        tables = tables_of({"phantom halves (simulated)": result})
    tables["cnn"].assign(**provenance(seed)).to_csv(RESULTS / "cnn.quick.csv", index=False)
    return tables


def committed(seed: int) -> dict[str, pd.DataFrame]:
    """Read the committed tables; exit with a line where they no longer fit the code."""
    tables = {}
    for name, columns in TABLES.items():
        table = pd.read_csv(RESULTS / f"{name}.csv")
        missing = [column for column in columns if column not in table]
        if missing:
            sys.exit(f"{name}.csv has no column {missing[0]!r}: run with --rerun")
        tables[name] = table
    told = tables["cnn"].groupby("data")["split"].first()
    for title, split in split_hashes(seed).items():
        if title in told and told[title] != split:
            sys.exit(
                f"cnn.csv is of split {told[title]} of {title}, which is {split} now: "
                "run with --rerun"
            )
    return tables


def main() -> None:
    """Print rows and targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.add_argument("--quick", action="store_true", help="a small part, in under a minute")
    parser.add_argument("--rerun", action="store_true", help="measure anew; some hours")
    parser.add_argument("--folder", type=Path, help="where --rerun keeps what it has done")
    parser.add_argument("--done", action="store_true", help="with --rerun: only what is done")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.quick:
        tables = quick(chosen.seed)
    elif chosen.rerun:
        folder = chosen.folder or Path(tempfile.mkdtemp())
        tables = rerun(folder, chosen.sets, chosen.seed, done=chosen.done)
    else:
        tables = committed(chosen.seed)
    rows = tables["cnn"]
    targets = targets_of(tables)
    if chosen.quick:
        targets = undecided(targets)
    if chosen.json:
        plain = rows.astype(object).where(rows.notna(), None).to_dict("records")
        print(json.dumps({"rows": plain, "targets": [vars(item) for item in targets]}, indent=1))
        return
    print(rows.to_string(index=False))
    for item in targets:
        print(f"{item.what}: {item.value} (target {item.target}; holds: {item.holds})")


def _run(made: BenchmarkSet, out: Path, seed: int, *, done: bool) -> Benchmark:
    more = () if made.dataset.covariates is None else WITH_COVARIATES
    boxed = WITH_BOXES if made.boxed else ()
    names = (*STANDARD, *boxed, *more, *NETWORKS, *made.rivals)
    folds = Settings.n_folds + Settings.random_folds
    if done:
        names = tuple(name for name in names if _folds_of(name, out) == folds)
    return run_benchmark(
        made.dataset,
        out,
        contenders=names,
        settings=Settings(
            view=made.view,
            cnn={"precision": PRECISION, "size": SIZE},
            random_state=seed,
        ),
        outside=made.outside,
        variants=made.variants,
        tell=_tell,
    )


def _folds_of(name: str, out: Path) -> int:
    return len(list((out / "folds").glob(f"{parse_contender(name).file_stem}-*.npz")))


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _commit_of(folder: Path) -> str:
    """Return the commit at which the folder was begun: later ones may only have added to it."""
    file = folder / "commit.txt"
    if not file.is_file():
        file.write_text(commit())
    return file.read_text().strip()


def _time_of(folder: Path) -> str:
    """Return when the last fold was done."""
    last = max(file.stat().st_mtime for file in folder.glob("*/folds/*.npz"))
    return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(last))


if __name__ == "__main__":
    main()
