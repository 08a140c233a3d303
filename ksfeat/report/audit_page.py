"""The HTML page of an audit: findings first, then the pairs and the tables behind them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import cv2
import jinja2
import numpy as np

import ksfeat
from ksfeat.evaluation.audit_data import DatasetAudit

MOST_SHOWN = 12
_LOUD = ("LEAK", "LABEL CONFLICT", "CONFOUNDED", "SHORTCUT")


def render_audit(audit: DatasetAudit) -> str:
    """Return a page that needs no other file and no network.

    Parameters
    ----------
    audit : DatasetAudit

    Returns
    -------
    str
        HTML. Every name in it is escaped; it shows small pictures of the duplicates.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ksfeat.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("audit.html.j2").render(
        audit=audit,
        title=title_of(audit),
        findings=[(finding, finding.startswith(_LOUD)) for finding in audit.findings()],
        pairs=list(_shown(audit)),
        count=len(audit.duplicates),
        version=ksfeat.__version__,
    )


def title_of(audit: DatasetAudit) -> str:
    """Return a title; that a random split was asked for stands in it."""
    grouping = audit.given.grouping
    said = f" ({grouping})" if grouping.kind == "none" else ""
    return f"Audit of {len(audit.dataset)} images{said}"


def _shown(audit: DatasetAudit) -> Iterator[dict[str, Any]]:
    """Yield the pairs that matter most: across labels, split and groups, then the least alike."""
    table = audit.duplicates_table()
    across = table[["across_labels", "across_split", "across_groups"]].astype(object)
    weight = across.where(across.notna(), False).astype(bool).to_numpy() @ np.array([4, 2, 1])
    for row in np.lexsort((table["correlation"], -weight))[:MOST_SHOWN]:
        pair = table.iloc[row]
        place = (int(audit.duplicates.first[row]), int(audit.duplicates.second[row]))
        yield {
            **pair.to_dict(),
            "labels": [audit.dataset.known_labels()[one] for one in place],
            "pictures": [_embedded(audit.looks[one]) for one in place],
        }


def _embedded(picture: np.ndarray) -> str:
    _, content = cv2.imencode(".png", picture)
    return f"data:image/png;base64,{base64.b64encode(content.tobytes()).decode()}"
