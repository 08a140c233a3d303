"""Which contenders of a benchmark are drawn, and how each looks in every picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ksfeat.evaluation.benchmark import Benchmark, Contender
from ksfeat.report.certainty import STYLES

NETWORK = "network"
_NETWORK_COLOUR = "#000000"
# Okabe's and Ito's, and dark, grey and sandy ones for those that come after them.
_COLOURS = (
    *(colour for colour, _ in STYLES),
    "#F0E442",
    "#882255",
    "#999999",
    "#332288",
    "#DDCC77",
)
_LINES = ("-", "--", "-.", (0, (4, 1, 1, 1, 1, 1)))
_MARKERS = ("P", "o", "s", "^")

HOW_CHOSEN = (
    "Drawn are the reference and, of those that see the image alone, the highest AUROC among "
    "classical features, among descriptions with embeddings, and among thumbnails (the naive "
    "floor): picked after the scores were known, so their lead over others is flattered."
)


@dataclass(frozen=True)
class Drawn:
    """One contender of a picture of a handful: its role, colour, marker and line."""

    name: str
    role: str
    colour: str
    marker: str
    line: Any  # what matplotlib calls a line style

    @property
    def title(self) -> str:
        """Its name and role."""
        return f"{self.name} ({self.role})"


def description_of(contender: Contender) -> str:
    """Return what a contender describes images by, in words."""
    return NETWORK if contender.is_cnn else contender.name.rpartition("/")[0]


def colours(contenders: tuple[Contender, ...]) -> dict[str, str]:
    """Return a colour a description, black for networks."""
    names = dict.fromkeys(map(description_of, contenders))
    names.pop(NETWORK, None)
    found = {name: _COLOURS[place % len(_COLOURS)] for place, name in enumerate(names)}
    return {**found, NETWORK: _NETWORK_COLOUR}


def aurocs(benchmark: Benchmark) -> pd.DataFrame:
    """Return the AUROC over all classes of each contender: value, low and high by name."""
    table = benchmark.scores
    found = table[(table["score"] == "auroc") & table["class"].isna()]
    return found.set_index("contender")[["value", "low", "high"]]


def handful(benchmark: Benchmark) -> tuple[Drawn, ...]:
    """Return the reference and the best of each family, each once."""
    areas, paint = aurocs(benchmark)["value"], colours(benchmark.contenders)
    by_name = {contender.name: contender for contender in benchmark.contenders}
    roles = {benchmark.reference: "reference"}
    for role, belongs in _FAMILIES.items():
        names = [c.name for c in benchmark.contenders if belongs(c) and not c.covariates]
        if names and areas[names].notna().any():
            roles.setdefault(str(areas[names].idxmax()), role)
    return tuple(
        Drawn(name, role, paint[description_of(by_name[name])], _MARKERS[place], _LINES[place])
        for place, (name, role) in enumerate(roles.items())
    )


def titled(words: str, benchmark: Benchmark) -> str:
    """Return the title of a picture, which says "simulated" where that is so."""
    return words + (", simulated" if benchmark.material.dataset.simulated else "")


def plain(name: str) -> str:
    """Return a name that matplotlib takes for no formula."""
    return name.replace("$", r"\$")


def _is_classical(contender: Contender) -> bool:
    return bool(contender.parts) and not {"thumbnails", "embedding"} & set(contender.parts)


_FAMILIES: dict[str, Callable[[Contender], bool]] = {
    "best of classical features": _is_classical,
    "best with embeddings": lambda contender: "embedding" in contender.parts,
    "naive floor": lambda contender: contender.parts == ("thumbnails",),
}
