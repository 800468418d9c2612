"""
What a run ran on: the machine, Python, and how the core was built.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

import msgspec

from .. import backends

__all__ = ["Machine", "build_of", "this_machine"]

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
    clock_ns: float
    """What one reading of the clock costs; it is in every ``ns_p99``."""


def this_machine(clock_ns: float) -> Machine:
    """
    Describe the machine that this runs on.
    """
    return Machine(
        processor=_processor(),
        cpus=os.cpu_count() or 1,
        memory_gib=_memory_gib(),
        system=f"{platform.system()} {platform.machine()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        clock_ns=round(clock_ns, 1),
    )


def build_of(backend: str) -> str:
    """
    Say how a backend's pool was built.

    Returns:
        ``release``; ``checked``: with overflow checks and less optimisation, as an
        editable installation has it; ``interpreted`` or ``compiled by Cython``.
    """
    if backend != "rust":
        return "interpreted" if backend == "python" else "compiled by Cython"
    module = importlib.import_module(backends.load(backend).Pool.__module__)
    file = getattr(module, "__file__", None) or _compiled_file()
    return "checked" if _CHECKED_MARK in Path(file).read_bytes() else "release"


def _compiled_file() -> str:
    """
    Find the file of the compiled module, whose classes say they are the package's.
    """
    for name, module in sys.modules.items():
        if name.startswith("skillroute.") and name.endswith("_core"):
            return str(module.__file__)
    raise ImportError("the compiled module was loaded from no file")


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
