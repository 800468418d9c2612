"""
What must end has a timer, and nothing else has one (rules 17.3, 17.12).
"""

from __future__ import annotations

from ..reference.state import CallPhase, OfferPhase, Snapshot
from ..reference.timers import Timer, TimerKind
from .switches import are_all_up, is_up

__all__ = ["deadlines_kept"]

_PHASE_TIMER = {
    OfferPhase.RINGING: TimerKind.RING_ENDS,
    OfferPhase.CONNECTING: TimerKind.CONNECT_LEASE_ENDS,
    OfferPhase.WRAP_UP: TimerKind.WRAP_UP_ENDS,
    OfferPhase.WITHDRAWN: TimerKind.CANCEL_GRACE_ENDS,
}
_CALL_TIMERS = (
    TimerKind.DECLINE_ENDS,
    TimerKind.TRIED_SET_EMPTIED,
    TimerKind.STEP_BEGINS,
    TimerKind.DELAY_ENDS,
    TimerKind.RING_WIDENS,
    TimerKind.PREFERRED_TURN_ENDS,
    TimerKind.MAX_WAIT_ENDS,
    TimerKind.ANNOUNCEMENT_DUE,
)


def deadlines_kept(after: Snapshot) -> list[str]:
    """
    Rules 17.3, 17.12: every phase that must end has its timer, none is overdue,
    and no timer is about something that is gone.
    """
    broken = []
    timers = {(timer.kind, timer.subject): timer for timer in after.timers}
    needed = {
        (int(_PHASE_TIMER[OfferPhase(offer.phase)]), offer.id)
        for offer in after.offers
        if offer.phase != OfferPhase.CONNECTED
    } - _waiting_for_hosts(after, timers)
    of_offers = {key for key in timers if key[0] in map(int, _PHASE_TIMER.values())}
    if needed != of_offers:
        broken.append(f"17.3: timers of offers differ: {needed ^ of_offers}")
    now_ms = after.clock_ms or 0
    broken += [f"17.12: overdue {t}" for t in after.timers if t.deadline_ms <= now_ms]
    live = {call.sequence: call for call in after.calls}
    broken += [
        f"17.12: timer {kind} of a call that is not in line"
        for kind, subject in timers
        if kind in _CALL_TIMERS
        and (subject not in live or live[subject].phase > CallPhase.CONNECTING)
    ]
    for call in after.calls:
        key = (int(TimerKind.TRIED_SET_EMPTIED), call.sequence)
        if call.round_ended != (key in timers):
            broken.append(f"17.12: {call.id} waits for a round that never comes")
        if bool(call.declines) != (
            (int(TimerKind.DECLINE_ENDS), call.sequence) in timers
        ):
            broken.append(f"17.12: {call.id} was declined and that never ends")
    return broken


def _waiting_for_hosts(
    after: Snapshot, timers: dict[tuple[int, int], Timer]
) -> set[tuple[int, int]]:
    """
    Rule 18.4: a lost host's joins have no lease, its withdrawn rings no grace.
    """
    if are_all_up(after):
        return set()
    held = {call.sequence for call in after.calls if not is_up(after, call.host)}
    found = {
        (int(_PHASE_TIMER[OfferPhase.CONNECTING]), offer.id)
        for offer in after.offers
        if offer.phase == OfferPhase.CONNECTING and offer.call in held
    }
    found |= {
        (int(_PHASE_TIMER[OfferPhase.WITHDRAWN]), offer.id)
        for offer in after.offers
        if offer.phase == OfferPhase.WITHDRAWN
    }
    return found - timers.keys()
