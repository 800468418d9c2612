"""
Memory of a pool: how much a fresh process grows while one is filled.

Run as a program with a backend, a kind of workload, agents and tags, it prints the
bytes; ``measure_memory`` runs it so.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from .. import backends
from .pools import tag_texts
from .workloads import make_workload

__all__ = ["MemoryRow", "measure_memory"]

_STATUS = Path("/proc/self/status")
_TIMEOUT_S = 600


class MemoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the pool of one workload takes.
    """

    name: str
    size: int
    """Agents."""
    tags: int
    """Tags that there are."""
    bytes_per_agent: int | None
    """None: not measured."""
    why_not: str = ""
    """Why it was not measured."""


def measure_memory(backend: str, kind: str, agents: int, tag_count: int) -> MemoryRow:
    """
    Fill a pool in a process of its own.

    Args:
        backend: Whose pool.
        kind: Of the workload.
        agents: How many.
        tag_count: Tags that there are.
    """
    bytes_per_agent, why_not = None, ""
    if _STATUS.exists():
        words = [backend, kind, str(agents), str(tag_count)]
        answer = subprocess.run(  # noqa: S603 - ourselves, with our own words
            [sys.executable, "-m", __name__, *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=_TIMEOUT_S,
        )
        bytes_per_agent = round(int(answer.stdout) / agents)
    else:
        why_not = "no /proc to read the size of a process from"
    return MemoryRow(
        name=f"memory_{kind}",
        size=agents,
        tags=tag_count,
        bytes_per_agent=bytes_per_agent,
        why_not=why_not,
    )


def main(words: list[str]) -> None:
    """
    Print by how many bytes this process grows while a pool is filled.
    """
    backend, kind, agents, tag_count = words[0], words[1], int(words[2]), int(words[3])
    work = make_workload(kind, agents, tag_count)
    made = backends.load(backend).Pool
    gc.collect()
    before = _resident_bytes()
    pool: Any = made()
    for tags, idle_ms in zip(work.agents, work.idle_since_ms, strict=True):
        pool.add("agent", tags=tag_texts(tags), idle_since_ms=idle_ms)
    for tags in work.needs:
        pool.needs(*tag_texts(tags))
    for agent in work.busy:
        pool.take(agent)
    for needs in work.asked[:1000]:
        pool.select(needs)
    gc.collect()
    sys.stdout.write(f"{_resident_bytes() - before}\n")


def _resident_bytes() -> int:
    for line in _STATUS.read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no VmRSS in {_STATUS}")


if __name__ == "__main__":
    main(sys.argv[1:])
