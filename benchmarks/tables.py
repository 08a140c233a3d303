"""Tables in README and docs, generated from the committed CSVs: ``python -m benchmarks.tables``."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("README.md", "docs/phantom.md", "docs/benchmark.md", "docs/stones.md")
PAGES = tuple(ROOT / page for page in NAMES)
RESULTS = ROOT / "benchmarks" / "results"
COLUMNS = {
    "main_job": {
        "data": "data (groups)",
        "model": "model",
        "images": "images",
        "groups": "groups",
        "accuracy": "accuracy",
        "balanced_accuracy": "balanced accuracy",
        "macro_f1": "macro F1",
        "auroc": "AUROC",
        "wall_s": "fit, s",
        "peak_mb": "MB, largest process",
    },
    "texture": {
        "table": "what",
        "case": "case",
        "library": "library",
        "version": "version",
        "median_ms": "ms",
        "ksfeat_ms": "ksfeat, ms",
        "ratio": "times as fast",
        "computes": "features of each",
    },
    "phantom_types": {
        "sight": "what is seen",
        "model": "model",
        "size": "size",
        "patients": "patients",
        "balanced_accuracy": "balanced accuracy",
        "bound": "Bayes bound",
        "interval": "95 % interval of all sizes",
    },
    "phantom_hu": {
        "what": "simulated stones of",
        "mean": "mean HU",
        "sd": "sd",
        "p05": "5th percentile",
        "p95": "95th percentile",
        "published_low": "published from",
        "published_high": "to",
        "published_n": "of stones",
        "published_role": "role of the published range",
    },
    "cnn": {
        "data": "data (groups)",
        "contender": "contender",
        "balanced_accuracy": "balanced accuracy",
        "macro_f1": "macro F1",
        "auroc": "AUROC",
        "against_cnn": "AUROC against the fine-tuned CNN",
        "fit_cpu_s": "fit, CPU-s",
        "predict_ms": "predict, ms an image",
    },
    "cnn_all": {
        "data": "data (groups)",
        "contender": "contender",
        "accuracy": "accuracy",
        "macro_precision": "macro precision",
        "macro_recall": "macro recall",
        "macro_f1": "macro F1",
        "auroc": "AUROC",
        "auprc": "AUPRC",
        "brier": "Brier",
        "ece": "ECE",
        "against_cnn": "AUROC against the fine-tuned CNN",
        "fit_cpu_s": "fit, CPU-s",
        "predict_ms": "predict, ms",
        "explain_ms": "explain, ms",
        "peak_mb": "MB at most",
        "model_mb": "model, MB",
    },
    "cnn_gaps": {
        "data": "data (groups)",
        "contender": "contender",
        "by_group": "AUROC by group",
        "at_random": "of a random split",
        "gap": "gap",
    },
    "cnn_robustness": {
        "data": "data (groups)",
        "contender": "contender",
        "auroc_loss": "mean AUROC loss",
        "low": "from",
        "high": "to",
        "more_than_reference": "more than the CNN",
        "more_low": "from ",
        "more_high": "to ",
    },
    "cnn_outside": {
        "data": "fitted on",
        "outside": "tested on",
        "contender": "contender",
        "score": "score",
        "value": "value",
        "low": "from",
        "high": "to",
    },
    "stones": {
        "task": "task",
        "supervision": "learnt from",
        "exams": "exams",
        "n_exams": "number",
        "auroc": "AUROC",
        "paired_accuracy": "right of two halves",
        "sensitivity_at_0.25": "stones found at 0.25 false positives a slice",
        "sensitivity_at_1": "at 1",
        "mean_of_exams_at_1": "at 1, mean of exams",
        "proposed": "with a candidate",
        "ms": "CPU ms a slice",
    },
    "stones_phantom": {
        "task": "simulated",
        "part": "of",
        "n": "number",
        "value": "value",
        "published": "published, of people",
    },
    "stones_kidney": {
        "told by": "told by",
        "supervision": "learnt from",
        "auroc": "AUROC",
    },
    "embedding": {
        "backend": "backend",
        "images_per_s": "images/s",
        "times_torch": "times plain torch",
        "largest_difference": "largest difference, of the largest value",
    },
}
SOURCES = {"cnn_all": "cnn"}  # of a table that another page shows differently
MODULES = {"cnn_all": "cnn", "cnn_gaps": "cnn", "cnn_robustness": "cnn", "cnn_outside": "cnn"}
ROUNDED = ("cnn_gaps", "cnn_robustness", "cnn_outside")  # to three decimals, as scores are
# Of a table too long for a page: what its rows must hold.
ROWS = {
    # What is shown of a size stands in the row of each class.
    "phantom_types": {"class": "^cystine$", "model": "xgboost"},
    "phantom_hu": {"quantity": "^hu$", "beam": "^120$"},
    "cnn": {
        "contender": "^thumb|^texture/x|^shape.*/x|^embedding/svm|^all/(?:xgb|svm)|stones|^cnn"
    },
    "cnn_robustness": {"kind": "^mean$"},
    "texture": {"table": "families|shape|sizes", "case": "32 levels|kidney", "computes": "."},
}


def render(name: str) -> str:
    """Return one table in Markdown."""
    columns = COLUMNS[name]
    table = pd.read_csv(RESULTS / f"{SOURCES.get(name, name)}.csv", dtype=str).fillna("")
    for column, pattern in ROWS.get(name, {}).items():
        table = table[table[column].str.contains(pattern)]
    if name in ROUNDED:
        table = table.map(_three_decimals)
    lines = ["| " + " | ".join(columns.values()) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in table[list(columns)].to_numpy().tolist()]
    commits = ", ".join(sorted(set(table["commit"])))
    lines += [
        "",
        f"Measured at commit {commits} on {table['machine'].iloc[0]}; "
        f"`python -m benchmarks.{_again(name)}` measures it again.",
    ]
    return "\n".join(lines)


def _again(name: str) -> str:
    return f"{MODULES.get(name, name)} --rerun" if name.startswith("cnn") else name


def _three_decimals(text: str) -> str:
    return f"{float(text):.3f}" if re.fullmatch(r"-?\d+\.\d+(e-\d+)?", text) else text


def with_tables(text: str) -> str:
    """Return a page's text with every marked table replaced."""

    def fresh(found: re.Match[str]) -> str:
        return f"{found[1]}\n{render(found[2])}\n{found[3]}"

    return re.sub(r"(<!-- table: (\w+) -->)\n.*?(<!-- end -->)", fresh, text, flags=re.DOTALL)


def main() -> None:
    """Write the tables of all pages, or say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    chosen = parser.parse_args()
    texts = {page: page.read_text(encoding="utf-8") for page in PAGES}
    fresh = {page: with_tables(text) for page, text in texts.items()}
    stale = [page.name for page in PAGES if fresh[page] != texts[page]]
    if chosen.check:
        sys.exit(f"stale: {', '.join(stale)}: run python -m benchmarks.tables" if stale else 0)
    for page in PAGES:
        page.write_text(fresh[page], encoding="utf-8")


if __name__ == "__main__":
    main()
