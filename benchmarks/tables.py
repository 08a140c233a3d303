"""The README's tables, generated from the committed CSVs: ``python -m benchmarks.tables``."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
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
}


def render(name: str) -> str:
    """Return one table in Markdown."""
    columns = COLUMNS[name]
    table = pd.read_csv(RESULTS / f"{name}.csv", dtype=str).fillna("")
    lines = ["| " + " | ".join(columns.values()) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in table[list(columns)].to_numpy().tolist()]
    commits = ", ".join(sorted(set(table["commit"])))
    lines += [
        "",
        f"Measured at commit {commits} on {table['machine'].iloc[0]}; "
        f"`python -m benchmarks.{name}` measures it again.",
    ]
    return "\n".join(lines)


def with_tables(text: str) -> str:
    """Return the README's text with every marked table replaced."""

    def fresh(found: re.Match[str]) -> str:
        return f"{found[1]}\n{render(found[2])}\n{found[3]}"

    return re.sub(r"(<!-- table: (\w+) -->)\n.*?(<!-- end -->)", fresh, text, flags=re.DOTALL)


def main() -> None:
    """Write the README's tables, or say whether they are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    chosen = parser.parse_args()
    text = README.read_text(encoding="utf-8")
    fresh = with_tables(text)
    if chosen.check:
        sys.exit("README.md is stale: run python -m benchmarks.tables" if fresh != text else 0)
    README.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
