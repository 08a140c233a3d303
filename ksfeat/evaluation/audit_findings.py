"""The findings of an audit in words, the gravest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksfeat.evaluation.audit_auroc import Told
from ksfeat.evaluation.audit_leaks import Leaks
from ksfeat.metrics import FEW_GROUPS

if TYPE_CHECKING:
    from ksfeat.evaluation.audit_data import DatasetAudit


def findings_of(audit: DatasetAudit) -> list[str]:
    """Return a line for each thing that a reader must know."""
    return [
        *([_leak(audit.leaks)] if audit.leaks is not None else []),
        *_duplicates(audit),
        *_groups(audit),
        *_nuisances(audit.nuisances),
        *_shortcut(audit.shortcut, audit.region),
        *audit.notes,
    ]


def _leak(leaks: Leaks) -> str:
    if not leaks.any:
        return f"no leak found in the given split ({leaks.n_test} test images)"
    group = "" if leaks.group is None else f"{leaks.group} share a group with training, "
    return (
        f"LEAK: {leaks.any} of {leaks.n_test} test images ({leaks.share:.0%}) of the given split: "
        f"{group}{leaks.exact} stand in training as they are, {leaks.near} as they are or altered, "
        f"{leaks.proxy} share a proxy group with it: its test score is not a result"
    )


def _duplicates(audit: DatasetAudit) -> list[str]:
    table = audit.duplicates_table()
    if table.empty:
        return ["no duplicates found"]
    pairs = "1 pair of duplicates" if len(table) == 1 else f"{len(table)} pairs of duplicates"
    lines = [
        f"{pairs} ({int(table['exact'].sum())} of equal pixels), such as {table['first'][0]} and "
        f"{table['second'][0]}: copies, or neighbouring slices as alike as copies"
    ]
    if conflicts := len(audit.conflicts):
        row = table[table["across_labels"]].sort_values("correlation", kind="stable").iloc[-1]
        lines.insert(
            0,
            f"LABEL CONFLICT: {conflicts} of them carry different labels, such as {row['first']} "
            f"and {row['second']}",
        )
    if audit.given.groups is not None and (across := int(table["across_groups"].sum())):
        lines.append(f"{across} of them stand across groups: these groups are too fine")
    return lines


def _groups(audit: DatasetAudit) -> list[str]:
    found = len(set(audit.proxies))
    count = len(set(audit.dataset.known_groups()))
    if audit.agreement is None:
        lines = [
            f"no groups known: {found} proxy groups found from the pixels; they are no patients: "
            "one patient's slices may lie in several"
        ]
    else:
        given = len(set(audit.given.known_groups()))
        lines = [
            f"{given} groups ({audit.given.grouping}); from the pixels alone {found} proxy groups, "
            f"adjusted Rand index {audit.agreement:.2f} with them"
        ]
    if count < FEW_GROUPS:
        lines.append(
            f"{count} groups to keep together, fewer than {FEW_GROUPS}: intervals are optimistic"
        )
    return lines


def _nuisances(nuisances: tuple[Told, ...]) -> list[str]:
    return [
        f"CONFOUNDED: the class can be told from {told.name} alone, AUROC {_number(told)}"
        for told in sorted(nuisances, key=lambda told: -told.auroc)
        if told.warns
    ]


def _shortcut(shortcut: tuple[Told, ...], region: str) -> list[str]:
    return [
        f"SHORTCUT: the class can be told from the {told.name} (region: {region}), AUROC "
        f"{_number(told)}"
        for told in shortcut[2:]
        if told.warns
    ]


def _number(told: Told) -> str:
    return f"{told.auroc:.2f} ({told.low:.2f}-{told.high:.2f})"
