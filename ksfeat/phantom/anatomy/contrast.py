"""`Contrast`: how much iodine is where, by the phase of the examination."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PHASES = ("none", "corticomedullary", "nephrographic", "excretory")
_SHARES = (0.7, 0.1, 0.1, 0.1)

# Iodine in mg/ml, the middle of a patient's draw: chosen so that each phase looks as it is
# named (which organ is brighter than which), not measured.
_IODINE = {
    "corticomedullary": {
        "artery": 10.0, "vein": 3.5, "cortex": 6.0, "medulla": 1.5,
        "liver": 0.9, "spleen": 3.5, "gut": 1.6, "urine": 0.0,
    },
    "nephrographic": {
        "artery": 4.8, "vein": 4.4, "cortex": 5.2, "medulla": 4.7,
        "liver": 2.3, "spleen": 2.8, "gut": 1.7, "urine": 0.0,
    },
    "excretory": {
        "artery": 2.4, "vein": 2.3, "cortex": 2.9, "medulla": 3.2,
        "liver": 1.3, "spleen": 1.5, "gut": 0.9, "urine": 16.0,
    },
}  # fmt: skip
_SPREAD = 0.2  # of the logarithm


@dataclass(frozen=True)
class Contrast:
    """A phase, and iodine in mg/ml by place ("artery", "cortex", "urine", ...)."""

    phase: str
    iodine: dict[str, float]

    def __getitem__(self, place: str) -> float:
        return self.iodine.get(place, 0.0)


def draw_contrast(rng: np.random.Generator) -> Contrast:
    """Draw the phase of an examination: seven of ten are without contrast, as for stones."""
    phase = PHASES[int(rng.choice(len(PHASES), p=_SHARES))]
    factor = float(np.exp(rng.normal(0, _SPREAD)))
    middles = _IODINE.get(phase, {})
    return Contrast(phase, {place: factor * amount for place, amount in middles.items()})
