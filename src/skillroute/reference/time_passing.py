"""
Time passing: the site's start, and the timers that fire as time goes on.

Every timer fires at its own deadline as the current time, and whoever can be
matched is matched after each distinct instant; so one step over an hour equals
many small ones (rule 1.1).
"""

from __future__ import annotations

from . import (
    announcing,
    auto_pause,
    declines,
    demand,
    offering,
    overrides,
    ringing,
    routing,
    steps,
    turns,
)
from .call import CallEvent
from .matching import settle
from .offer import OfferEvent
from .site import Site
from .timers import Timer, TimerKind

_OFFER_TIMERS = {
    TimerKind.WRAP_UP_ENDS,
    TimerKind.CANCEL_GRACE_ENDS,
    TimerKind.CONNECT_LEASE_ENDS,
}


def pass_time(site: Site, now_ms: int) -> None:
    """
    Let time pass up to an instant, and fire every timer that is due by then.

    The first time that is told to a site is its start.
    """
    if site.clock_ms is None:
        site.clock_ms = now_ms
        _start(site)
    while (deadline_ms := _due_ms(site, now_ms)) is not None:
        # What should have happened in a gap is late, and the clock never goes back.
        site.clock_ms = max(site.now_ms, deadline_ms)
        while _due_ms(site, site.now_ms) is not None:
            site.begin_firing()
            _fire(site, site.timers.pop())
        settle(site)
    site.clock_ms = now_ms


def _due_ms(site: Site, now_ms: int) -> int | None:
    """
    Return the deadline of the next timer, if it is due by an instant.
    """
    deadline_ms = site.timers.next_deadline_ms()
    is_due = deadline_ms is not None and deadline_ms <= now_ms
    return deadline_ms if is_due else None


def _start(site: Site) -> None:
    """
    Open the site: schedules are read for the first time, and agents whose
    log-in is automatic are there since their shift's start (rule 18.12).
    """
    for number in range(len(site.schedules_open)):
        site.schedules_open[number] = site.schedule_is_open(number)
        site.watch_schedule(number)
    for agent in site.staff():
        if site.agent_plan(agent).login == 0:
            routing.start_agent(site, agent)


def _fire(site: Site, timer: Timer) -> None:
    kind = TimerKind(timer.kind)
    if kind is TimerKind.RING_ENDS:
        auto_pause.ring_ended(site, timer.subject)
    elif kind is TimerKind.PAUSE_ENDS:
        auto_pause.pause_ended(site, timer.subject)
    elif kind in _OFFER_TIMERS:
        offering.offer_event(site, timer.subject, OfferEvent.TIMED_OUT)
    elif kind is TimerKind.OVERRIDE_ENDS:
        overrides.time_is_over(site, timer.subject)
    elif kind is TimerKind.SHIFT_CHANGES:
        routing.shift_changed(site, timer.subject)
    elif kind is TimerKind.TRIED_SET_EMPTIED:
        routing.tried_set_emptied(site, site.calls[timer.subject])
    elif kind is TimerKind.DECLINE_ENDS:
        declines.end(site, site.calls[timer.subject])
    elif kind is TimerKind.STEP_BEGINS:
        steps.begin(site, site.calls[timer.subject])
        ringing.await_width(site, site.calls[timer.subject])
    elif kind is TimerKind.DELAY_ENDS:
        steps.await_delay(site, site.calls[timer.subject])
    elif kind is TimerKind.RING_WIDENS:
        ringing.await_width(site, site.calls[timer.subject])
    elif kind is TimerKind.PREFERRED_TURN_ENDS:
        turns.next_turn(site, site.calls[timer.subject])
    elif kind is TimerKind.MAX_WAIT_ENDS:
        routing.limit_reached(site, site.calls[timer.subject], CallEvent.MAX_WAIT_ENDED)
    elif kind is TimerKind.ANNOUNCEMENT_DUE:
        announcing.announce(site, site.calls[timer.subject])
    elif kind is TimerKind.DEMAND_COUNTED:
        demand.count(site)
