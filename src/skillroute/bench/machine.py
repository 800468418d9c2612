"""
What a run ran on: the machine, Python, and how the core was built.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import msgspec

from .. import backends

__all__ = ["Machine", "build_of", "load_now", "this_machine"]

# The compiler leaves this message in a core whose sums are checked.
_CHECKED_MARK = b"attempt to add with overflow"


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """
    Hardware and interpreter, without the machine's name.
    """

    processor: str
    cpus: int
    memory_gib: int | None
    """None: it is known on Linux only."""
    system: str
    python: str
    load_before: float | None
    """Programs that wanted to run in the minute before; None: the system does not say.

    Beyond half the CPUs, neighbours blur the figures.
    """
    clock_ns: float
    """What one reading of the clock costs; it is in every ``ns_p99``."""


def this_machine(clock_ns: float, load_before: float | None) -> Machine:
    """
    Describe the machine that this runs on.

    Args:
        clock_ns: What one reading of the clock costs.
        load_before: From ``load_now``, before the work began.
    """
    return Machine(
        processor=_processor(),
        cpus=os.cpu_count() or 1,
        memory_gib=_memory_gib(),
        system=f"{platform.system()} {platform.machine()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        load_before=load_before,
        clock_ns=round(clock_ns, 1),
    )


def load_now() -> float | None:
    """
    Return how many programs wanted to run lately; None: the system does not say.
    """
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None


def build_of(backend: str) -> str:
    """
    Say how a backend's pool was built.

    Returns:
        ``release``; ``checked``: with overflow checks and less optimisation, as an
        editable installation has it; ``interpreted`` or ``compiled by Cython``.
    """
    if backend != "rust":
        return "interpreted" if backend == "python" else "compiled by Cython"
    return "checked" if _CHECKED_MARK in _core_file().read_bytes() else "release"


def _core_file() -> Path:
    """
    Find the file that the compiled pool was loaded from.
    """
    module = sys.modules[backends.load("rust").Pool.__module__]
    return Path(str(module.__file__))


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or "unknown"
    names = [line for line in text.splitlines() if line.startswith("model name")]
    return names[0].partition(":")[2].strip() if names else platform.machine()


def _memory_gib() -> int | None:
    try:
        first = Path("/proc/meminfo").read_text("utf-8").splitlines()[0]
    except OSError:
        return None
    return round(int(first.split()[1]) / 1024**2)
