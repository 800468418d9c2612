"""What explaining says is what the engine does: who is chosen, what would change it."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import msgspec

from skillroute.actions import OfferCall
from skillroute.decisions import AgentQuery, Decision, ExplainQuery
from skillroute.errors import EventRefusedError, JournalError
from skillroute.events import CallArrived, WallClockMoved
from skillroute.explain import Change, find_counterfactuals
from skillroute.plan.compiled import CompiledPlan, encode
from skillroute.reference.state import OfferPhase, Presence, Snapshot
from skillroute.reference.timers import TimerKind
from skillroute.testing.worlds import World

DECISIONS = 10_000 if os.environ.get("NIGHTLY") else 600
COUNTERFACTUALS = 1_000 if os.environ.get("NIGHTLY") else 60
EVENTS = 60


def test_an_explained_arrival_goes_where_it_is_said_to_go(backend: Any) -> None:
    """An explanation of another decision than the one that is made misleads."""
    seen = offered = 0
    for world, engine in moments(backend):
        event = world.arrival("asked")
        query = ExplainQuery(now_ms=world.now_ms, arrival=event)
        decision = engine.explain(query)
        orders = restored(backend, world, engine).handle(event, world.now_ms)
        assert chosen(orders, "asked") == decision.chosen
        assert (decision.next == "offer") == bool(decision.chosen)
        if decision.chosen:
            (first,) = (v.agent for v in decision.agents if v.rank == 1)
            assert first == decision.chosen
        seen, offered = seen + 1, offered + bool(decision.chosen)
        if seen == DECISIONS:
            break
    assert DECISIONS // 8 < offered < seen


def test_what_would_give_a_call_to_an_agent_does(backend: Any) -> None:
    """Somebody changes a shift for it, and nothing must come of it but that."""
    kinds: dict[str, int] = {}
    applied = asked = none = unsound = 0
    for world, engine in moments(backend):
        draw = random.Random(asked)
        query = question(world, engine, draw)
        decision = engine.explain(query)
        agent = draw.choice(world.plan.agents).id
        found = find_counterfactuals(
            engine, plan_of(world.plan), query, decision, agent=agent
        )
        asked += 1
        none += any(one.changes is None for one in found)
        for one in found:
            changes = one.changes or ()
            if not can_be_applied(world.plan, decision, changes):
                continue
            try:
                reached = outcome(backend, world, engine, query, changes)
            except JournalError:
                unsound += 1  # the snapshot was not changed as a whole
                continue
            assert agent == reached, changes
            applied += 1
            for change in changes:
                kinds[change.kind] = kinds.get(change.kind, 0) + 1
        if applied >= COUNTERFACTUALS:
            break
    assert COUNTERFACTUALS <= applied
    assert none > 0
    assert unsound < applied // 10
    assert {"state", "tag", "away"} <= kinds.keys()
    if COUNTERFACTUALS >= 1_000:
        assert {"level", "schedule", "exclusion", "waiting_time"} <= kinds.keys()


def test_an_agent_is_said_to_be_free_just_when_they_get_a_fitting_call(
    backend: Any,
) -> None:
    """At rest nobody idles for whom a call waits (rule 17.4)."""
    seen = 0
    for world, engine in moments(backend):
        for agent in world.plan.agents:
            query = AgentQuery(now_ms=world.now_ms, agent=agent.id)
            decision = engine.explain(query)
            verdicts = {call.verdict for call in decision.calls}
            assert not (decision.verdict == "eligible" and "eligible" in verdicts)
            assert decision.waiting == sum(reason.calls for reason in decision.reasons)
            seen += decision.waiting > 0
        if seen > DECISIONS // 4:
            break
    assert seen > DECISIONS // 4


def moments(backend: Any) -> Iterator[tuple[World, Any]]:
    """Go through worlds, and stop after each event that was taken."""
    for seed in range(9_000, 20_000):
        world = World(seed)
        engine = backend.Engine(encode(world.plan))
        steps = world.steps(partial(getattr, engine, "next_deadline_ms"))
        for _, event in zip(range(EVENTS), steps, strict=False):
            try:
                world.observe(engine.handle(event, world.now_ms))
            except EventRefusedError as error:
                world.observe(error.actions)
            else:
                yield world, engine


def restored(backend: Any, world: World, engine: Any) -> Any:
    """Make a second engine in the same state."""
    return backend.Engine.restore(encode(world.plan), engine.snapshot())


def chosen(orders: tuple[Any, ...], call: str) -> str:
    """Return who is offered a call first; empty: nobody."""
    offers = (one for one in orders if isinstance(one, OfferCall) and one.call == call)
    return next((offer.agent for offer in offers), "")


def question(world: World, engine: Any, draw: random.Random) -> ExplainQuery:
    """Ask about a waiting call, or about one that might come."""
    calls = [call for call in snapshot_of(engine).calls if call.phase == 0]
    if calls and draw.random() < 0.5:
        return ExplainQuery(now_ms=world.now_ms, call=draw.choice(calls).id)
    return ExplainQuery(now_ms=world.now_ms, arrival=world.arrival("asked"))


def plan_of(plan: CompiledPlan) -> Any:
    """Return what is looked up in a plan as users write it: steps and delays."""
    queues = {
        queue.name: SimpleNamespace(
            steps=[
                SimpleNamespace(after_s=step.after_ms / 1000) for step in queue.steps
            ],
            members=[
                SimpleNamespace(delay_s=place.delay_ms / 1000)
                for place in queue.placements
            ],
        )
        for queue in plan.queues
    }
    return SimpleNamespace(raw=SimpleNamespace(queues=queues))


def can_be_applied(
    plan: CompiledPlan, decision: Decision, changes: tuple[Change, ...]
) -> bool:
    """Leave out tags of calls, and waiting where it would have to be spent."""
    if not changes or any(one.tag not in ("", *plan.tags) for one in changes):
        return False
    queue = next(queue for queue in plan.queues if queue.name == decision.queue)
    waits = any(change.kind == "waiting_time" for change in changes)
    codes = {c for v in decision.agents for c in (v.verdict, *v.also)}
    is_held = any(code.startswith("held_for:") for code in codes)
    return not waits or not (queue.steps or is_held or decision.call == "asked")


def outcome(
    backend: Any,
    world: World,
    engine: Any,
    query: ExplainQuery,
    changes: tuple[Change, ...],
) -> str:
    """Put a real engine into the changed state, and see who gets the call."""
    state = snapshot_of(engine)
    plan = changed_plan(world.plan, state, changes)
    for change in changes:
        change_state(state, plan, query.call, change)
    changed = backend.Engine.restore(encode(plan), msgspec.msgpack.encode(state))
    event = query.arrival or WallClockMoved(offset_ms=state.wall_offset_ms)
    if isinstance(event, CallArrived):
        let_in = {change.agent for change in changes if change.kind == "exclusion"}
        excluded = tuple(agent for agent in event.excluded if agent not in let_in)
        event = msgspec.structs.replace(event, excluded=excluded)
    return chosen(changed.handle(event, world.now_ms), query.call or "asked")


def changed_plan(
    plan: CompiledPlan, state: Snapshot, changes: tuple[Change, ...]
) -> CompiledPlan:
    """Write tags and shifts into a plan; what an event has set is overridden."""
    set_by_event = {held.agent: held for held in state.overlay.tags}
    agents = []
    for number, agent in enumerate(plan.agents):
        mine = [change for change in changes if change.agent == agent.id]
        held = set_by_event.get(number)
        levels = dict(agent.tags if held is None else held.tags)
        for change in mine:
            if change.tag:
                levels[plan.tags.index(change.tag)] = change.level or 0
        tags = tuple(sorted((tag, level) for tag, level in levels.items() if level))
        if held is not None:
            state.overlay.tags.remove(held)
            state.overlay.tags.append(msgspec.structs.replace(held, tags=tags))
            state.overlay.tags.sort()
            tags = agent.tags
        shifts = any(change.kind == "schedule" for change in mine)
        schedule = None if shifts else agent.schedule
        agents.append(msgspec.structs.replace(agent, tags=tags, schedule=schedule))
    return msgspec.structs.replace(plan, agents=tuple(agents))


def change_state(
    state: Snapshot, plan: CompiledPlan, call_id: str, change: Change
) -> None:
    """Write one change into a snapshot."""
    call = next((call for call in state.calls if call.id == call_id), None)
    if change.kind == "waiting_time":
        assert call is not None
        call.line_since_ms -= change.waited_ms or 0
        call.queue_since_ms -= change.waited_ms or 0
        return
    number = [agent.id for agent in plan.agents].index(change.agent)
    agent = state.agents[number]
    if change.kind == "away":
        agent.presence, agent.pause_reason = Presence.LOGGED_OUT, ""
        stop(state, number, TimerKind.PAUSE_ENDS)
    if change.kind == "exclusion" and call is not None:
        call.excluded = [other for other in call.excluded if other != number]
        call.tried = [other for other in call.tried if other != number]
        call.declined = [other for other in call.declined if other != number]
        call.declines = [one for one in call.declines if one[1] != number]
        forget(
            state,
            number,
            lambda offer: (
                offer.call == call.sequence and offer.phase == OfferPhase.WITHDRAWN
            ),
        )
        if not call.tried:
            call.round_ended = False
            stop(state, call.sequence, TimerKind.TRIED_SET_EMPTIED)
        if not call.declines:
            stop(state, call.sequence, TimerKind.DECLINE_ENDS)
    if change.kind == "state":
        if agent.presence == Presence.LOGGED_OUT:
            agent.login_ms = state.clock_ms or 0
        agent.presence, agent.pause_reason = Presence.AVAILABLE, ""
        agent.occupied = agent.lost = 0
        forget(state, number, lambda _: True)
        stop(state, number, TimerKind.RETRY_UNREACHABLE_ENDS, TimerKind.PAUSE_ENDS)


def stop(state: Snapshot, subject: int, *kinds: TimerKind) -> None:
    """Cancel timers."""
    state.timers[:] = [
        timer
        for timer in state.timers
        if timer.kind not in kinds or timer.subject != subject
    ]


def forget(state: Snapshot, agent: int, is_meant: Any) -> None:
    """Take offers off an agent's hands, and their calls out of the way."""
    gone = {offer.id: offer for offer in state.offers if offer.agent == agent}
    gone = {id: offer for id, offer in gone.items() if is_meant(offer)}
    state.offers[:] = [offer for offer in state.offers if offer.id not in gone]
    state.agents[agent].offers = [
        id for id in state.agents[agent].offers if id not in gone
    ]
    for call in list(state.calls):
        if any(id in gone for id in call.offers):
            call.offers = [id for id in call.offers if id not in gone]
            # What is left rings on, but not at the agent who is taken to be free.
            call.max_wait_passed = True
            if not call.offers:
                state.calls.remove(call)
    left = {call.sequence for call in state.calls}
    state.timers[:] = [
        timer
        for timer in state.timers
        if not (timer.kind in OFFER_TIMERS and timer.subject in gone)
        and not (timer.kind in CALL_TIMERS and timer.subject not in left)
    ]


OFFER_TIMERS = (
    TimerKind.WRAP_UP_ENDS,
    TimerKind.CANCEL_GRACE_ENDS,
    TimerKind.RING_ENDS,
    TimerKind.CONNECT_LEASE_ENDS,
)
CALL_TIMERS = (
    TimerKind.TRIED_SET_EMPTIED,
    TimerKind.DECLINE_ENDS,
    TimerKind.STEP_BEGINS,
    TimerKind.DELAY_ENDS,
    TimerKind.MAX_WAIT_ENDS,
    TimerKind.ANNOUNCEMENT_DUE,
    TimerKind.RING_WIDENS,
    TimerKind.PREFERRED_TURN_ENDS,
)


def snapshot_of(engine: Any) -> Snapshot:
    """Read an engine's state."""
    return msgspec.msgpack.decode(engine.snapshot(), type=Snapshot)
