"""What work costs: CPU-seconds, memory, and energy where the machine tells it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_ENERGY = Path("/sys/class/powercap/intel-rapl:0/energy_uj")


@dataclass
class Cost:
    """The cost of some work of this process, once it is done.

    Parameters
    ----------
    cpu_s, wall_s : float
        Seconds of all its threads together, and on the clock.
    peak_mb : float or None
        Most memory that the process held meanwhile, what it held before included; None where the
        system does not tell.
    energy_j : float or None
        Of the whole processor, other programs' share included; None where it does not tell.
    """

    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: float | None = None
    energy_j: float | None = None


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure the work that is done inside.

    Examples
    --------
    >>> with measured() as cost:
    ...     _ = sum(range(100_000))
    >>> cost.cpu_s > 0
    True
    """
    cost = Cost()
    _forget_peak()
    energy, cpu, wall = _energy(), time.process_time(), time.perf_counter()
    yield cost
    cost.cpu_s, cost.wall_s = time.process_time() - cpu, time.perf_counter() - wall
    cost.peak_mb = _peak_mb()
    later = _energy()
    if energy is not None and later is not None and later >= energy:  # the counter starts again
        cost.energy_j = (later - energy) / 1e6


def _forget_peak() -> None:
    """Begin to count the most memory anew, where the system lets a process do so."""
    try:
        _CLEAR.write_text("5")
    except OSError:
        return


def _peak_mb() -> float | None:
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def _energy() -> float | None:
    try:
        return float(_ENERGY.read_text())
    except (OSError, ValueError):
        return None
