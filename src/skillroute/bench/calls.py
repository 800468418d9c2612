"""
Whole calls: sites, histories of events, and how many orders they must give.

Everything here is made by arithmetic, nothing is
drawn, so two runs do exactly the same work.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from .. import events
from ..contract import Party
from ..plan import parse_plan

__all__ = ["CALL_EVENTS", "CallsWorkload", "calls_whole", "frames"]

START_MS = 1_795_000_000_000
CALL_EVENTS = 5
"""Arrival, accept, connected, hang-up, end of wrap-up."""
CALL_ORDERS = 6
"""StartWaiting, OfferCall, BridgeCall, RecordResult, ReleaseLeg, RecordOutcome."""
CALL_MS = 60_000

_PROFILES = (
    ("dept:sales",),
    ("dept:sales", "lang:pl=60"),
    ("dept:support", "lang:de"),
    ("dept:sales", "dept:support", "lang:pl", "lang:de"),
)


class CallsWorkload(NamedTuple):
    """
    A site and what happens there.
    """

    name: str
    plan: bytes
    """Compiled, for ``Engine``."""
    history: tuple[tuple[events.Event, int], ...]
    """(event, now_ms) in order."""
    orders: int
    """How many orders the history gives."""

    def calls(self) -> list[tuple[tuple[events.Event, int], ...]]:
        """
        Return the history, call by call.
        """
        begins = range(0, len(self.history), CALL_EVENTS)
        return [self.history[begin : begin + CALL_EVENTS] for begin in begins]


def calls_whole(agents: int, calls: int) -> CallsWorkload:
    """
    Whole calls, one after another, each to the agent who is idle longest.

    Args:
        agents: 1 or more; a quarter each of four profiles of tags.
        calls: 1 or more.
    """
    history: list[tuple[events.Event, int]] = []
    for number in range(calls):
        history += _call(number, START_MS + number * CALL_MS)
    plan = parse_plan(_plan(agents)).compiled
    return CallsWorkload(
        f"calls_whole_{agents}", plan, tuple(history), calls * CALL_ORDERS
    )


def frames(workload: CallsWorkload) -> bytes:
    """
    Return a history as ``Engine.replay`` reads it.
    """
    bodies = [
        msgspec.msgpack.encode((now_ms, event)) for event, now_ms in workload.history
    ]
    return b"".join(len(body).to_bytes(4, "big") + body for body in bodies)


def _call(number: int, at_ms: int) -> list[tuple[events.Event, int]]:
    call, offer = f"c{number}", number + 1
    arrival = events.CallArrived(
        call=call,
        host="bench",
        caller=Party(kind="e164", number="+12025550123"),
        dialled=Party(kind="e164", number="+12025550101"),
    )
    return [
        (arrival, at_ms),
        (events.OfferAccepted(offer=offer), at_ms + 3_000),
        (events.CallConnected(offer=offer), at_ms + 4_000),
        (events.CallerHungUp(call=call), at_ms + 30_000),
        (events.Advanced(), at_ms + 45_000),
    ]


def _plan(agents: int) -> str:
    lines = ['site = {name = "bench"}', 'numbers."+12025550101" = {queue = "sales"}']
    lines += ['queues.sales = {needs = ["dept:sales"], wrap_up_s = 10}']
    for number in range(agents):
        tags = ", ".join(f'"{tag}"' for tag in _PROFILES[number % len(_PROFILES)])
        lines.append(f"agents.a{number} = {{tags = [{tags}]}}")
    return "\n".join(lines)
