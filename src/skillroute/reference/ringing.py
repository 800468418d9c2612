"""
Ringing: how many agents a call may ring at once.

Most queues ring one agent after another.  A parallel one offers a call to several:
to as many as it may at once (``ring_all``), or to more and more of them as the
round goes on (``ring_progressively``; rule 6.4).  The width counts open offers, so
an offer that comes to nothing makes room for the next agent.  The clock of a round
starts with its first offer and does not depend on the strategy in force then, so a
step that changes the strategy changes the width at the next choice (rule 18.16).
"""

from __future__ import annotations

from ..plan.compiled import RINGINGS
from . import steps, turns
from .site import Site
from .state import Call, CallPhase
from .timers import TimerKind


def kind(site: Site, call: Call) -> str:
    """
    Return how the rules in force ring agents for a call.
    """
    step = steps.rules(site, call, call.step)
    return RINGINGS[site.queue_of(call).ringing if step is None else step.ringing]


def width(site: Site, call: Call) -> int:
    """
    Return how many agents a call may ring at once now.
    """
    parallel = site.queue_of(call).parallel
    if _is_assigned(site, call):
        return 1
    match kind(site, call):
        case "all":
            return parallel.max_parallel
        case "progressively":
            since_ms = (
                site.now_ms if call.round_since_ms is None else call.round_since_ms
            )
            batches = 1 + (site.now_ms - since_ms) // parallel.every_ms
            return min(parallel.max_parallel, batches * parallel.batch)
        case _:
            return 1


def wants_offer(site: Site, call: Call) -> bool:
    """
    Tell whether a call would ring one agent more.

    With a limit passed it lets ring what rings (rule 9.3), and so it does while the
    preferred agent rings whose turn it is (rule 18.10); of a host that is not in
    sync it waits for that (rule 1.7).
    """
    if site.is_held(call):
        return False
    if call.phase == CallPhase.RINGING:
        rings_on = call.max_wait_passed or turns.rings_at_holder(site, call)
        return not rings_on and len(call.offers) < width(site, call)
    return call.phase == CallPhase.WAITING


def is_full(site: Site, call: Call) -> bool:
    """
    Tell whether a parallel call rings all that it may ring now.
    """
    rings = call.phase == CallPhase.RINGING and kind(site, call) != "one"
    if _is_assigned(site, call):
        return False
    return rings and len(call.offers) >= width(site, call)


def has_room_ms(site: Site, call: Call) -> int | None:
    """
    Return when a call may ring one agent more, if nobody answers; None: unknown.
    """
    ends = (site.timers.deadline_ms(TimerKind.RING_ENDS, id) for id in call.offers)
    known = sorted(end_ms for end_ms in ends if end_ms is not None)
    found = [
        _wide_enough_ms(site, call, len(call.offers) - ended + 1, at_ms)
        for ended, at_ms in enumerate([site.now_ms, *known])
    ]
    return min((at_ms for at_ms in found if at_ms is not None), default=None)


def _is_assigned(site: Site, call: Call) -> bool:
    """
    Tell whether a call rings at somebody to whom a supervisor gave it: alone (18.9).
    """
    return any(site.offers[id].assigned for id in call.offers)


def _wide_enough_ms(site: Site, call: Call, count: int, at_ms: int) -> int | None:
    """
    Return the first instant from one on at which so many may ring; None: never.
    """
    parallel = site.queue_of(call).parallel
    if count <= width(site, call):
        return at_ms
    if kind(site, call) != "progressively" or count > parallel.max_parallel:
        return None
    if call.round_since_ms is None:
        return None
    batches = -(-count // parallel.batch)
    return max(at_ms, call.round_since_ms + (batches - 1) * parallel.every_ms)


# The clock of a round --------------------------------------------------------


def offer_is_made(site: Site, call: Call) -> None:
    """
    Start the clock of a round with its first offer.
    """
    if call.round_since_ms is None:
        call.round_since_ms = site.now_ms
        await_width(site, call)


def begin_round(site: Site, call: Call) -> None:
    """
    A new round begins: what rings already is its first offer.
    """
    call.round_since_ms = site.now_ms if call.offers else None
    await_width(site, call)


def leave(site: Site, call: Call) -> None:
    """
    The call leaves its queue.
    """
    call.round_since_ms = None
    await_width(site, call)


def await_width(site: Site, call: Call) -> None:
    """
    Set the timer of the next instant at which a call may ring more agents.
    """
    site.timers.cancel(TimerKind.RING_WIDENS, call.sequence)
    if call.round_since_ms is None or kind(site, call) != "progressively":
        return
    parallel = site.queue_of(call).parallel
    if width(site, call) < parallel.max_parallel:
        passed = (site.now_ms - call.round_since_ms) // parallel.every_ms
        deadline_ms = call.round_since_ms + (passed + 1) * parallel.every_ms
        site.timers.set(TimerKind.RING_WIDENS, call.sequence, deadline_ms)
