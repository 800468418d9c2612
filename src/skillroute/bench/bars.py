"""
The bars: what must hold of a run, and whether it did.

They are ratios within one run, so that they say something on any machine; the few that
are times or bytes say so.  A bar that a run did not measure is neither held nor missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from .report import Report
from .run import NOOP
from .settings import SIZES

__all__ = ["Verdict", "judge"]

HEAP, SQL, SCAN_C = "heap_memo", "freeswitch_sql", "scan_c"
NUMPY = ("numpy", "numpy_words")
LARGE = SIZES[-1]
HUGE = 100_000
EXPLAINED = 20_000

# By agents: the more there are, the more a structure must gain.
NUMPY_LEAST = {1_000: 10, 10_000: 20, 50_000: 50}
SQL_LEAST = {100: 100, 1_000: 500, 10_000: 2_000, 50_000: 8_000}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """
    One line of a bar.
    """

    bar: int
    what: str
    must: str
    """What must hold, such as ``>= 2.2``."""
    measured: float | None
    """None: this run did not measure it."""
    held: bool | None
    """None: as above."""

    @property
    def figure(self) -> str:
        """
        What was measured, exact enough to see on which side of the bar it is.
        """
        if self.measured is None:
            return "-"
        return f"{self.measured:,.{2 if self.measured < 100 else 0}f}"


_Line = tuple[int, str, Callable[[float], bool], str, float | None]


def judge(report: Report) -> list[Verdict]:
    """
    Hold a run to every bar.

    Args:
        report: A run of at least ``settings.BARS``, or what it did not measure is open.

    Returns:
        A verdict for each line, by the number of its bar.
    """
    found = _Found(report)
    lines = (*_of_choices(found), *_of_costs(found), *_of_the_rest(found))
    return [
        Verdict(
            bar=bar,
            what=what,
            must=must,
            measured=None if measured is None else round(measured, 3),
            held=None if measured is None else holds(measured),
        )
        for bar, what, holds, must, measured in sorted(lines, key=lambda line: line[0])
    ]


class _Found:
    """
    Figures of a report; None where there is none.
    """

    def __init__(self, report: Report) -> None:
        self._report = report

    def vs(self, name: str, size: int, *peers: str) -> float | None:
        """
        How many times as long the quickest of some peers takes.
        """
        row = self._report.row(name, size)
        found = [row.vs[peer] for peer in peers if peer in row.vs] if row else []
        return min(found, default=None)

    def ns(self, name: str, size: int, field: str = "ns_p50") -> float | None:
        """
        Nanoseconds of ours.
        """
        row = self._report.row(name, size)
        return None if row is None else float(getattr(row, field))

    def bytes_of(self, kind: str, tags: int) -> float | None:
        """
        Bytes an agent.
        """
        rows = self._report.memory
        same = (r for r in rows if (r.name, r.tags) == (f"memory_{kind}", tags))
        return next((r.bytes_per_agent for r in same if r.size == LARGE), None)


def _of_choices(found: _Found) -> Iterator[_Line]:
    """
    Bars 1 to 7: beside peers.
    """
    for size in SIZES:
        if size > 100:
            ratio = found.vs("select_realistic", size, HEAP)
            yield _least(1, _beside("select, realistic", size, HEAP), 2.2, ratio)
        ratio = found.vs("whole_realistic", size, HEAP)
        yield _least(2, _beside("whole, realistic", size, HEAP), 1.8, ratio)
        for kind in ("no_match", "all_busy"):
            ratio = found.vs(f"select_{kind}", size, HEAP)
            yield _least(3, _beside(f"select, {kind}", size, HEAP), 1.5, ratio)
    for size, least in NUMPY_LEAST.items():
        ratio = found.vs("whole_adversarial", size, *NUMPY)
        yield _least(4, _beside("whole, adversarial", size, "numpy"), least, ratio)
    for size in SIZES[2:]:
        ratio = found.vs("whole_adversarial", size, "heap_no_memo")
        what = _beside("whole, adversarial", size, "heap_no_memo")
        yield _least(4, what, 1_000, ratio)
    for size in SIZES[1:]:
        ratio = found.vs("whole_sparse", size, HEAP)
        yield _least(5, _beside("whole, sparse", size, HEAP), 1.4, ratio)
    for size, least in SQL_LEAST.items():
        ratio = found.vs("whole_realistic", size, SQL)
        yield _least(6, _beside("whole, realistic", size, SQL), least, ratio)
    for kind in ("realistic", "adversarial"):
        ratio = found.vs(f"select_{kind}", LARGE, SCAN_C)
        yield _least(7, _beside(f"select, {kind}", LARGE, SCAN_C), 500, ratio)


def _of_costs(found: _Found) -> Iterator[_Line]:
    """
    Bars 8 to 11: growth, the boundary, the worst case, and what is not a select.
    """
    for kind, most in (("realistic", 2), ("adversarial", 4)):
        name = f"select_{kind}"
        ratio = _quotient(found.ns(name, LARGE), found.ns(name, SIZES[0]))
        yield _most(8, f"select, {kind}, 50,000 agents to 100", most, ratio)
    for size in SIZES:
        floor = found.vs("boundary_realistic", size, NOOP)
        ratio = _quotient(1.0, floor)
        yield _most(9, f"select, realistic, {size:,} agents, to a no-op call", 6, ratio)
    for kind in ("worst_dense", "worst_wide"):
        ratio = found.vs(f"select_{kind}", LARGE, SCAN_C)
        yield _least(10, _beside(f"select, {kind}", LARGE, SCAN_C), 10, ratio)
        own_ns = found.ns(f"select_{kind}", LARGE)
        yield _most(10, f"select, {kind}, {LARGE:,} agents, ns", 5_000, own_ns)
    retag_ns = found.ns("retag_adversarial", LARGE)
    ratio = _quotient(retag_ns, found.ns("toggle_adversarial", LARGE))
    yield _most(11, "change of tags to a toggle, adversarial", 4, ratio)
    release_ns = found.ns("release_adversarial", LARGE)
    tail_ns = found.ns("release_adversarial", LARGE, "ns_p999")
    what = "release, adversarial, 99.9 % to the median"
    yield _most(11, what, 50, _quotient(tail_ns, release_ns))
    tied_ns = found.ns("release_equal_idle", LARGE)
    what = "release, 1,000 idle since one ms, to one"
    yield _most(11, what, 3, _quotient(tied_ns, release_ns))


def _of_the_rest(found: _Found) -> Iterator[_Line]:
    """
    Bars 12, 13, 18 and 25: memory, waiting calls, the largest size, explaining.
    """
    for tags, most in ((64, 120), (512, 300)):
        for kind in ("realistic", "adversarial"):
            taken = found.bytes_of(kind, tags)
            what = f"memory, {kind}, {tags} tags, bytes an agent"
            yield _most(12, what, most, taken)
    for kind, peer, least in (
        ("realistic", "heap_per_needs", 4),
        ("realistic", "sorted_scan", 100),
        ("adversarial", "sorted_scan", 15),
    ):
        ratio = found.vs(f"waiting_{kind}", 10_000, peer)
        yield _least(13, f"10,000 waiting, {kind}, beside {peer}", least, ratio)
    huge_ns = found.ns("select_huge", HUGE)
    ratio = _quotient(huge_ns, found.ns("select_adversarial", LARGE))
    yield _most(18, "select, 100,000 agents and 10,000 tags, to 50,000", 2, ratio)
    load_ns = found.ns("load_huge", HUGE)
    seconds = None if load_ns is None else load_ns * HUGE / 1e9
    yield _most(18, "load of 100,000 agents and 5,000 needs, s", 10, seconds)
    explain_ns = found.ns("explain_call", EXPLAINED)
    explain_ms = None if explain_ns is None else explain_ns / 1e6
    yield _most(25, "one decision among 20,000 agents explained, ms", 200, explain_ms)


def _beside(what: str, agents: int, peer: str) -> str:
    return f"{what}, {agents:,} agents, beside {peer}"


def _least(bar: int, what: str, least: float, measured: float | None) -> _Line:
    return bar, what, lambda value: value >= least, f">= {least:,}", measured


def _most(bar: int, what: str, most: float, measured: float | None) -> _Line:
    return bar, what, lambda value: value <= most, f"<= {most:,}", measured


def _quotient(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below
