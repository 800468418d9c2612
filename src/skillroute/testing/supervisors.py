"""
What supervisors of a random site might do.
"""

from __future__ import annotations

import random
from typing import Literal

from .. import events
from ..contract import Destination, Need
from ..plan.compiled import CompiledPlan

__all__ = ["act_on_agent", "act_on_call", "override"]


def act_on_call(
    draw: random.Random, plan: CompiledPlan, call: str, needs: tuple[Need, ...]
) -> events.Event:
    """
    Do something to a call, with needs where it takes some.
    """
    kind = draw.randrange(16)
    agent = draw.choice(plan.agents).id
    if kind < 5:
        return events.CallAssigned(call=call, agent=agent, by="eve", reason="now")
    if kind < 8:
        return events.CallPicked(call=call, agent=agent, by=agent)
    if kind < 10:
        return events.PrioritySet(call=call, priority=draw.choice((-5, 0, 2, 1000)))
    if kind < 12:
        return events.NeedsSet(call=call, needs=needs)
    if draw.random() < 0.1:
        return events.OverlayReset(kind="call", name=call)
    if kind < 15:
        return events.CallMoved(call=call, to=_destination(draw, plan, needs))
    return events.CallEndOrdered(call=call, by="eve")


def act_on_agent(
    draw: random.Random, plan: CompiledPlan, agent: str, tags: tuple[str, ...]
) -> events.Event:
    """
    Do something to an agent: their presence, tags or membership.
    """
    kind = draw.randrange(8)
    if kind < 2:
        names = draw.sample((*tags, "lang:fr", "geo:spb", "*"), draw.randint(0, 4))
        held = tuple((name, draw.choice((100, 60, 50))) for name in names)
        return events.TagsSet(agent=agent, tags=held, by="eve")
    if kind < 4:
        queue = draw.choice(plan.queues).name
        member = draw.random() < 0.5
        return events.MembershipSet(agent=agent, queue=queue, member=member, by="eve")
    if kind < 5:
        return events.OverlayReset(
            kind=draw.choice(("agent", "tags", "membership")), name=agent, by="eve"
        )
    presences: tuple[Literal["available", "logged_out", "paused"], ...] = (
        "available",
        "available",
        "logged_out",
        "paused",
    )
    return events.PresenceSet(
        agent=agent, presence=draw.choice(presences), pause_reason="talk"
    )


def override(draw: random.Random, plan: CompiledPlan, now_ms: int) -> events.Event:
    """
    Open or close something, let it play a message, or take that back.
    """
    kinds: tuple[Literal["schedule", "queue", "number"], ...] = (
        "schedule",
        "schedule",
        "queue",
        "number",
    )
    kind = draw.choice(kinds)
    names = {
        "schedule": [schedule.name for schedule in plan.schedules],
        "queue": [queue.name for queue in plan.queues],
        "number": [number.number for number in plan.numbers],
    }
    name = draw.choice(names[kind])
    if draw.random() < 0.35:
        return events.OverlayReset(kind=kind, name=name, by="eve")
    to: tuple[Literal["open", "closed", "play"], ...] = ("open", "closed", "play")
    length_ms = draw.choice((None, 1, 500, 2000, 8000, 3_600_000, 30 * 3_600_000))
    return events.Overridden(
        kind=kind,
        name=name,
        to=draw.choice(to[:2] if kind == "schedule" else to),
        prompt="closed.wav",
        until_ms=None if length_ms is None else now_ms + length_ms,
    )


def _destination(
    draw: random.Random, plan: CompiledPlan, needs: tuple[Need, ...]
) -> Destination:
    kind = draw.random()
    if kind < 0.1:
        return Destination(kind="voicemail", name="box")
    if kind < 0.15:
        return Destination(kind="number", name="+12025550197")
    if kind < 0.25:
        return Destination(kind="tags", needs=needs)
    if kind < 0.5:
        return Destination(kind="agent", name=draw.choice(plan.agents).id)
    queue = draw.choice(plan.queues).name
    added = needs if draw.random() < 0.3 else ()
    return Destination(kind="queue", name=queue, needs=added)
