"""Whether copies and patients are found again: thresholds from one half, numbers from the other.

Each set is split by patient or exam into two halves. On the first ones a threshold is chosen; what
is reported was measured on the second ones with the thresholds that the library has, and a target
says whether the two are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import pair_confusion_matrix

from benchmarks.harness import Target
from benchmarks.plants import KINDS, altered
from ksfeat.dataset import Dataset
from ksfeat.evaluation.audit_look import Look, look_at
from ksfeat.evaluation.duplicates import CONFIRMED, find_duplicates
from ksfeat.evaluation.pose import find_pairs
from ksfeat.evaluation.proxy import ALIKE, thumbnails_of

Rows = list[dict[str, Any]]

LINKS = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)  # of thumbnails; `proxy.ALIKE` is one of them
CONFIRMATIONS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)  # of details; `duplicates.CONFIRMED`
WORTH_IT = 0.02  # of the index: a higher link costs less than this, and chains less in larger sets
REACHED = {"adjusted Rand index": 0.9, "recall": 0.99, "precision": 0.99}


@dataclass(frozen=True, eq=False)
class Known:
    """Grey slices whose patients or exams are known.

    Parameters
    ----------
    title : str
    images : list of ndarray of uint8
    groups : ndarray of str
    aimed_at : bool
        Whether the index is a target; it is reported anyhow.
    """

    title: str
    images: list[np.ndarray]
    groups: np.ndarray
    aimed_at: bool = True

    def half(self, number: int) -> Known:
        """Return the slices of every other patient."""
        rows = np.flatnonzero(np.isin(self.groups, np.unique(self.groups)[number::2]))
        images = [self.images[row] for row in rows]
        return Known(self.title, images, self.groups[rows], self.aimed_at)


def of_dataset(title: str, data: Dataset, aimed_at: bool = True) -> Known:
    """Return a data set with its groups."""
    images = [source.read().grey().astype(np.uint8) for source in data.images]
    return Known(title, images, data.known_groups(), aimed_at)


def of_table(title: str, table: Path, column: str) -> Known:
    """Return the images of a table, one row each, with one of its columns for groups."""
    rows = pd.read_csv(table, dtype=str).drop_duplicates("path")
    images = [cv2.imread(str(table.parent / path), cv2.IMREAD_GRAYSCALE) for path in rows["path"]]
    return Known(title, images, rows[column].to_numpy(str), aimed_at=False)


def proxies(sets: list[Known], only_reported: list[Known]) -> tuple[Rows, list[Target]]:
    """Choose the link on the first halves; compare proxy groups and patients on the second."""
    indices = {known.title: dict(_swept(known.half(0))) for known in sets}
    means = {link: float(np.mean([one[link] for one in indices.values()])) for link in LINKS}
    chosen = max(link for link, mean in means.items() if mean >= max(means.values()) - WORTH_IT)
    rows: Rows = [
        {"part": "choice of ALIKE", "data": f"{title}, first half", "threshold": link,
         "adjusted Rand index": round(index, 4)}
        for title, swept in indices.items() for link, index in swept.items()
    ]  # fmt: skip
    targets = [_same("ALIKE", chosen, ALIKE)]
    for known in sets:
        row = _agreement(known.half(1), "second half")
        rows.append(row)
        if known.aimed_at:
            targets.append(target("adjusted Rand index", row))
    rows += [_agreement(known, "whole") for known in (*sets, *only_reported)]
    return rows, targets


def _swept(known: Known) -> Iterator[tuple[float, float]]:
    pairs = find_pairs(thumbnails_of(known.images), LINKS[0], n_jobs=-1)
    for link in LINKS:
        kept = pairs.select(pairs.similarity >= link)
        yield link, _index(known.groups, _joined(kept.first, kept.second, len(known.images)))


def _joined(first: np.ndarray, second: np.ndarray, count: int) -> np.ndarray:
    links = coo_matrix((np.ones(len(first), dtype=bool), (first, second)), shape=(count, count))
    return connected_components(links, directed=False)[1]


def _index(known: np.ndarray, found: np.ndarray) -> float:
    return float(adjusted_rand_score(known, found))


def _agreement(known: Known, which: str) -> dict[str, Any]:
    pairs = find_pairs(thumbnails_of(known.images), ALIKE, n_jobs=-1)
    found = _joined(pairs.first, pairs.second, len(known.images))
    cells = pair_confusion_matrix(known.groups, found)
    return {
        "part": "proxy groups",
        "data": f"{known.title}, {which}",
        "threshold": ALIKE,
        "images": len(known.images),
        "groups": len(set(known.groups)),
        "proxy_groups": len(set(found)),
        "adjusted Rand index": round(_index(known.groups, found), 4),
        "pair_precision": round(float(cells[1, 1] / max(cells[:, 1].sum(), 1)), 4),
        "pair_recall": round(float(cells[1, 1] / max(cells[1].sum(), 1)), 4),
    }


def planted(sets: list[Known], seed: int) -> tuple[Rows, list[Target]]:
    """Plant copies in each half; choose the confirmation on the first, measure on the second."""
    rows: Rows = []
    good: set[float] = set(CONFIRMATIONS)
    for known in sets:
        found = _hidden(known.half(0), seed)
        swept = [_counted(f"{known.title}, first half", found, least) for least in CONFIRMATIONS]
        rows += [{"part": "choice of CONFIRMED", **row} for row in swept]
        good &= {row["threshold"] for row in swept if _holds(row)}
    middle = sorted(good)[len(good) // 2] if good else None
    targets = [_same("CONFIRMED", middle, CONFIRMED)]
    for known in sets:
        row = _counted(f"{known.title}, second half", _hidden(known.half(1), seed + 1), CONFIRMED)
        rows.append({"part": "planted copies", **row})
        targets += [target(name, rows[-1]) for name in ("recall", "precision")]
    return rows, targets


def _hidden(known: Known, seed: int) -> dict[str, pd.DataFrame]:
    """Return, for each way to alter copies, all pairs that could be duplicates, and which are."""
    rng = np.random.default_rng(seed)
    looks = look_at(known.images, annotated=False, n_jobs=-1)
    return {
        kind: _proposed(
            looks,
            look_at(
                [altered(image, kind, rng) for image in known.images], annotated=False, n_jobs=-1
            ),
        )
        for kind in KINDS
    }


def _proposed(originals: list[Look], copies: list[Look]) -> pd.DataFrame:
    looks = [*originals, *copies]
    pairs = find_pairs(np.stack([look.thumbnail for look in looks]), ALIKE, n_jobs=-1)
    details = np.stack([look.detail for look in looks])
    digests = [look.digest for look in looks]
    found = find_duplicates(pairs, details, digests, least=CONFIRMATIONS[0], n_jobs=-1)
    table = pd.DataFrame(vars(found))
    return table.assign(true=table["second"] - table["first"] == len(originals), n=len(originals))


def _counted(title: str, found: dict[str, pd.DataFrame], least: float) -> dict[str, Any]:
    kept = {kind: table[table["correlation"] >= least] for kind, table in found.items()}
    planted_of = {kind: int(table["n"].max()) for kind, table in found.items()}
    hits = {kind: int(table["true"].sum()) for kind, table in kept.items()}
    named, count = sum(map(len, kept.values())), sum(planted_of.values())
    missed = {kind: planted_of[kind] - hit for kind, hit in hits.items() if hit < planted_of[kind]}
    return {
        "data": title,
        "threshold": least,
        "images": planted_of[KINDS[0]],
        "planted": count,
        "found": named,
        "recall": round(sum(hits.values()) / count, 4),
        "precision": round(sum(hits.values()) / max(named, 1), 4),
        "missed": "; ".join(f"{kind}: {number}" for kind, number in missed.items()),
    }


def _holds(row: dict[str, Any]) -> bool:
    return all(row[name] >= REACHED[name] for name in ("recall", "precision"))


def target(name: str, row: dict[str, Any]) -> Target:
    """Return what a row must reach."""
    least = REACHED[name]
    what = f"{row['part']}, {row['data']}: {name}"
    return Target(what, row[name], f">= {least}", row[name] >= least)


def _same(name: str, chosen: float | None, shipped: float) -> Target:
    return Target(f"{name} as chosen on the first halves", chosen, f"{shipped}", chosen == shipped)
