"""
A run: make each setting's contenders, check their answers, time them in turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from .. import backends
from .brute_force import right_answers
from .calls import CallsWorkload, calls_whole
from .compiled_peers import COMPILED_PEERS, noop_function, noop_problem
from .contenders import Peer
from .explaining import Explaining
from .machine import build_of, load_now, this_machine
from .memory import MemoryRow, measure_memory
from .numpy_peer import NUMPY_PEERS
from .pools import pool_peer
from .python_peers import PYTHON_PEERS
from .report import Report, Row
from .sessions import Session, WrongAnswerError, begin
from .settings import (
    CallSetting,
    ChoiceSetting,
    ExplainSetting,
    LineSetting,
    MemorySetting,
    Setting,
)
from .sql_peer import SQL_PEERS
from .timing import Effort, Loop, clock_ns, medians_ns, percentiles_ns
from .waiting import WAITING_PEERS, LineSession, make_line, pool_line, right_tickets
from .workloads import Workload, make_workload

Tail = tuple[float, float]

__all__ = ["NOOP", "PEERS", "run_settings"]

PEERS: tuple[Peer, ...] = (*PYTHON_PEERS, *NUMPY_PEERS, *COMPILED_PEERS, *SQL_PEERS)
"""Every peer of the choice among agents, beside the pools of the other backends."""

NOOP = "noop_fastcall"

ABOUT_OTHERS = {
    NOOP: "a function in C that takes an argument and does nothing",
    "sorted_scan": "the waiting calls in order, walked to the first who fits",
    "heap_per_needs": "a heap of waiting calls for each needs, those that fit by heart",
}

CALLS = 100
"""In one history of ``call_whole``."""


def run_settings(
    settings: Sequence[Setting],
    effort: Effort,
    *,
    backend: str,
    effort_name: str,
    peers: Sequence[Peer] = PEERS,
    tell: Callable[[str], None] | None = None,
) -> Report:
    """
    Measure.

    Args:
        settings: What.
        effort: How long.
        backend: Whose pool and engine are ours; the others are peers.
        effort_name: For the report.
        peers: Contenders of the choice among agents.
        tell: Called with a line for each setting that begins; None: nobody listens.

    Raises:
        WrongAnswerError: A contender chose wrongly; nothing of that setting was timed.
    """
    others = [name for name in backends.available() if name != backend]
    everybody = [*(pool_peer(name) for name in others), *peers]
    load_before = load_now()
    say = tell or _say_nothing
    say("compiling what is compiled")
    skipped = {peer.name: why for peer in everybody if (why := peer.problem())}
    present = [peer for peer in everybody if peer.name not in skipped]
    if noop_problem():
        skipped[NOOP] = noop_problem()
    rows: list[Row] = []
    memory: list[MemoryRow] = []
    for number, setting in enumerate(settings, 1):
        say(f"[{number}/{len(settings)}] {_said(setting)}")
        match setting:
            case ChoiceSetting():
                rows += _choice_rows(setting, effort, pool_peer(backend), present)
            case LineSetting():
                rows += _line_rows(setting, effort, backend, others)
            case CallSetting():
                rows.append(_call_row(setting, effort, backend, others))
            case ExplainSetting():
                rows.append(_explain_row(setting, effort, backend))
            case MemorySetting(kind=kind, agents=agents, tag_count=tag_count):
                memory.append(measure_memory(backend, kind, agents, tag_count))
    return Report(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        effort=effort_name,
        machine=this_machine(clock_ns(), load_before),
        backend=backend,
        build=build_of(backend),
        peers={peer.name: peer.about for peer in everybody} | ABOUT_OTHERS,
        skipped=skipped,
        rows=tuple(rows),
        memory=tuple(memory),
    )


def _say_nothing(text: str) -> None:
    pass


def _said(setting: Setting) -> str:
    names = ", ".join(setting.names)
    return f"{names}: {setting.size:,}"


# The choice among agents ------------------------------------------------------


def _choice_rows(
    setting: ChoiceSetting, effort: Effort, ours: Peer, present: Iterable[Peer]
) -> Iterator[Row]:
    """
    Measure one setting, in an order in which no measure spoils the next.
    """
    work = make_workload(setting.kind, setting.agents, setting.tag_count)
    right = right_answers(work, effort.checked)
    taking_part, left_out = _taking_part(setting, work, present)
    sessions: dict[str, Session] = {}
    loads: dict[str, float] = {}
    for peer in (ours, *taking_part):
        begun_ns = time.perf_counter_ns()
        sessions[peer.name] = begin(peer, work)
        loads[peer.name] = (time.perf_counter_ns() - begun_ns) / setting.agents
    checked = {name: s.check(right, effort.check_s) for name, s in sessions.items()}
    own = sessions[ours.name]
    for measure in setting.measures:
        unable = {} if measure != "retag" else _without_retag(sessions)
        match measure:
            case "load":
                medians, tail = loads, (loads[ours.name],) * 2
            case "boundary" if noop_problem():
                continue
            case "boundary":
                medians, tail = _boundary(own, effort)
            case _:
                able = {n: s for n, s in sessions.items() if n not in unable}
                loops = {name: getattr(s, measure) for name, s in able.items()}
                medians = medians_ns(loops, effort)
                tail = percentiles_ns(loops[ours.name], effort)
        yield _row(
            setting.name(measure),
            (setting.size, setting.tag_count),
            medians,
            tail,
            ours.name,
            left_out={} if measure == "boundary" else left_out | unable,
            checked=checked[ours.name],
        )


def _taking_part(
    setting: ChoiceSetting, work: Workload, present: Iterable[Peer]
) -> tuple[list[Peer], dict[str, str]]:
    """
    Return the peers that a setting wants, and why it does not want the others.
    """
    taking_part, left_out = [], {}
    for peer in present:
        reason = peer.refuses(work)
        if setting.peers is not None and peer.name not in setting.peers:
            reason = "it would take minutes or gigabytes to fill"
        if reason:
            left_out[peer.name] = reason
        else:
            taking_part.append(peer)
    return taking_part, left_out


def _without_retag(sessions: Mapping[str, Session]) -> dict[str, str]:
    return {
        name: "as it is written here, it cannot change an agent's tags"
        for name, session in sessions.items()
        if session.contender.retag is None
    }


def _boundary(own: Session, effort: Effort) -> tuple[dict[str, float], Tail]:
    """
    Time a select and a call that does nothing, both without the loop around them.
    """
    noop = noop_function()
    loops: dict[str, Loop] = {
        own.name: own.select,
        NOOP: lambda count: own.call(noop, count),
        "loop": own.loop,
    }
    taken = medians_ns(loops, effort)
    bare = taken.pop("loop")
    net = {name: max(0.1, ns - bare) for name, ns in taken.items()}
    return net, percentiles_ns(own.select, effort)


# Waiting calls, whole calls ---------------------------------------------------


def _line_rows(
    setting: LineSetting, effort: Effort, backend: str, others: Iterable[str]
) -> Iterator[Row]:
    line = make_line(setting.kind, setting.agents, setting.calls)
    right = right_tickets(line, effort.checked)
    makers = {backend: pool_line(backend), **WAITING_PEERS}
    left_out = dict.fromkeys(others, "the specification scans all waiting calls")
    sessions = {n: LineSession(n, make(line), line) for n, make in makers.items()}
    checked = {name: s.check(right, effort.check_s) for name, s in sessions.items()}
    for name, measure in zip(setting.names, ("best", "whole"), strict=True):
        loops = {each: getattr(s, measure) for each, s in sessions.items()}
        medians = medians_ns(loops, effort)
        tail = percentiles_ns(loops[backend], effort)
        yield _row(
            name,
            (setting.size, line.work.tag_count),
            medians,
            tail,
            backend,
            left_out=left_out,
            checked=checked[backend],
        )


def _call_row(
    setting: CallSetting, effort: Effort, backend: str, others: Iterable[str]
) -> Row:
    """
    Time whole calls; an engine goes through a history of them and begins again.
    """
    work = calls_whole(setting.agents, CALLS)
    loops = {name: _Calls(name, work).handle for name in (backend, *others)}
    return _row(
        setting.names[0],
        (setting.size, 0),
        medians_ns(loops, effort),
        percentiles_ns(loops[backend], effort),
        backend,
        left_out={},
        checked=CALLS,
    )


def _explain_row(setting: ExplainSetting, effort: Effort, backend: str) -> Row:
    """
    Time explanations, by the one engine: the specification is not made for it.
    """
    loops = {backend: Explaining(backend, setting.agents).explain}
    return _row(
        setting.names[0],
        (setting.size, 0),
        medians_ns(loops, effort),
        percentiles_ns(loops[backend], effort),
        backend,
        left_out={},
        checked=1,
    )


class _Calls:
    """
    An engine with a history of calls, whose orders are counted first.
    """

    def __init__(self, backend: str, work: CallsWorkload) -> None:
        self._made = backends.load(backend).Engine
        self._work = work
        engine: Any = self._made(work.plan)
        orders = sum(len(engine.handle(*each)) for each in work.history)
        if orders != work.orders:
            raise WrongAnswerError(
                f"the engine {backend} gave {orders} orders and not {work.orders}: "
                "it is not timed"
            )
        self._calls: Iterator[Sequence[tuple[Any, int]]] = iter(())
        self._handle: Callable[..., object] = engine.handle

    def handle(self, count: int) -> int:
        """
        Carry out so many calls, each of five events.
        """
        spent_ns = 0
        while count > 0:
            calls = list(islice(self._calls, count))
            if not calls:
                self._handle = self._made(self._work.plan).handle
                self._calls = iter(self._work.calls())
                continue
            count -= len(calls)
            events = [each for call in calls for each in call]
            handle = self._handle
            begun_ns = time.perf_counter_ns()
            for event, now_ms in events:
                handle(event, now_ms)
            spent_ns += time.perf_counter_ns() - begun_ns
        return spent_ns


def _row(
    name: str,
    size_and_tags: tuple[int, int],
    medians: Mapping[str, float],
    tail: Tail,
    ours: str,
    *,
    left_out: dict[str, str],
    checked: int,
) -> Row:
    own_ns = medians[ours]
    return Row(
        name=name,
        size=size_and_tags[0],
        tags=size_and_tags[1],
        ns_p50=round(own_ns, 1),
        ns_p99=round(tail[0], 1),
        ns_p999=round(tail[1], 1),
        vs={n: float(f"{ns / own_ns:.4g}") for n, ns in medians.items() if n != ours},
        left_out=left_out,
        checked=checked,
    )
