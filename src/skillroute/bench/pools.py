"""
The pool itself, of each backend.
"""

from __future__ import annotations

from typing import Any

from .. import backends
from .contenders import Contender, Peer
from .workloads import Workload

__all__ = ["pool_peer", "tag_texts"]

# Beyond this the specification, which scans, would take minutes.
SPECIFICATION_MAX = 1_000

_ABOUT = {
    "rust": "skillroute.Pool, the compiled core",
    "cython": "skillroute.Pool, the specification compiled by Cython",
    "python": "skillroute.Pool, the specification, which scans",
}


def pool_peer(backend: str) -> Peer:
    """
    Return the pool of a backend as a contender, named like the backend.
    """

    def make(work: Workload) -> Contender:
        pool: Any = backends.load(backend).Pool()
        for tags, idle_ms in zip(work.agents, work.idle_since_ms, strict=True):
            pool.add("agent", tags=tag_texts(tags), idle_since_ms=idle_ms)
        handles = [pool.needs(*tag_texts(tags)) for tags in work.needs]
        # Handles count up from 0, so they are the workload's indexes.
        assert handles == list(range(len(handles)))
        return Contender(pool.select, pool.reserve, pool.take, pool.release, pool.retag)

    return Peer(
        backend,
        _ABOUT[backend],
        make,
        refuses=lambda work: "" if backend == "rust" else _too_many(work),
    )


def tag_texts(tags: tuple[int, ...]) -> list[str]:
    """
    Return tags as the pool reads them.
    """
    return [f"skill:t{tag}" for tag in tags]


def _too_many(work: Workload) -> str:
    if len(work.agents) <= SPECIFICATION_MAX:
        return ""
    return f"the specification scans: not more than {SPECIFICATION_MAX:,} agents"
