"""
The loop: the next thing that happens, or the engine's next deadline, until all ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol, cast, overload
from zoneinfo import ZoneInfo

from .. import backends
from ..actions import Action
from ..decisions import AgentDecision, AgentQuery, Decision, ExplainQuery
from ..events import Advanced, CallArrived, Event
from ..plan import Plan
from ._model import Behaviour, Moment, Result, SimulatedCall
from ._records import Recorder
from ._summary import summarise
from ._world import World

__all__ = [
    "Engine",
    "default_start_ms",
    "new_engine",
    "restored_engine",
    "simulate_calls",
]


class Engine(Protocol):
    """
    What a run needs of an engine of any backend.
    """

    @property
    def next_deadline_ms(self) -> int | None:
        """When ``advance`` is needed next."""

    def handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        """Tell the engine what happened."""

    def advance(self, now_ms: int) -> tuple[Action, ...]:
        """Tell the engine that time has passed."""

    @overload
    def explain(self, query: ExplainQuery) -> Decision: ...

    @overload
    def explain(self, query: AgentQuery) -> AgentDecision: ...


def new_engine(plan: Plan, backend: str) -> Engine:
    """
    Make an engine of one backend.

    Raises:
        ImportError: The backend is unknown or not installed.
    """
    return cast("Engine", backends.load(backend).Engine(plan.compiled))


def restored_engine(plan: Plan, snapshot: bytes, backend: str) -> Engine:
    """
    Make an engine of one backend out of a snapshot.

    Raises:
        ImportError: The backend is unknown or not installed.
        JournalError: *snapshot* is none of this plan (``snapshot_malformed``).
    """
    engine = backends.load(backend).Engine
    return cast("Engine", engine.restore(plan.compiled, snapshot))


def default_start_ms(plan: Plan) -> int:
    """
    Return an instant at which most sites work: a Monday, ten o'clock local time.
    """
    zone = ZoneInfo(plan.raw.site.zone)
    return int(datetime(2024, 1, 15, 10, tzinfo=zone).timestamp() * 1000)


def simulate_calls(
    plan: Plan,
    calls: Iterable[SimulatedCall],
    behaviour: Behaviour,
    *,
    seed: int,
    backend: str | None = None,
    start_ms: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """
    Run calls through a plan in accelerated time, until every one has ended.

    Args:
        plan: The site's plan.
        calls: Who calls when, in any order; ids are unique.
        behaviour: How agents, callers and the switch behave.
        seed: Where draws start; equal seeds give equal runs on every backend.
        backend: Which engine; None: the active one.
        start_ms: Instant of second 0; None: ``default_start_ms``.
        progress: Called now and then with (calls ended, calls in all).

    Returns:
        Every call with its one outcome, figures, and the whole history.

    Raises:
        ImportError: The backend is unknown or not installed.
        EngineBugError: A call has no outcome, or two (``conservation_broken``).

    Cost: four events a call on average, and one for each timer that fires.
    """
    arriving = tuple(sorted(calls, key=lambda call: call.arrival_after_ms))
    start_ms = default_start_ms(plan) if start_ms is None else start_ms
    name = backends.active() if backend is None else backend
    engine = new_engine(plan, name)
    world = World(plan, arriving, behaviour, seed=seed, start_ms=start_ms)
    recorder = Recorder(plan, arriving, start_ms)
    begun_s = time.perf_counter()
    history = _run(engine, world, recorder, start_ms, progress)
    seconds = time.perf_counter() - begun_s
    records = recorder.finished()
    return Result(
        backend=name,
        seed=seed,
        start_ms=start_ms,
        end_ms=max((record.ended_at_ms for record in records), default=start_ms),
        calls=records,
        summary=summarise(plan, records, recorder.agents, start_ms),
        history=history,
        seconds=seconds,
    )


def _run(
    engine: Engine,
    world: World,
    recorder: Recorder,
    start_ms: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[Moment, ...]:
    # The site opens before the first call: agents are there since their shift began.
    history = [
        Moment(at_ms=start_ms, event=Advanced(), actions=engine.advance(start_ms))
    ]
    while world.next_ms is not None and not recorder.all_ended:
        moment = _next_moment(engine, world, world.next_ms)
        if moment is None:
            continue
        history.append(moment)
        recorder.note(moment)
        for action in moment.actions:
            world.react(action, moment.at_ms)
        if progress is not None and isinstance(moment.event, CallArrived):
            progress(recorder.ended, recorder.expected)
    return tuple(history)


def _next_moment(engine: Engine, world: World, next_ms: int) -> Moment | None:
    """
    Let the engine's deadline fire if it is due first, else let the world go on.
    """
    deadline_ms = engine.next_deadline_ms
    if deadline_ms is not None and deadline_ms <= next_ms:
        fired = engine.advance(deadline_ms)
        return Moment(at_ms=deadline_ms, event=Advanced(), actions=fired)
    at_ms, event = world.next_event()
    if event is None:
        return None
    return Moment(at_ms=at_ms, event=event, actions=engine.handle(event, at_ms))
