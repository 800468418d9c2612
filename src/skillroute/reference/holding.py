"""
Holding: which turns of preferred agents are over.
"""

from __future__ import annotations

from . import ringing, turns
from .eligibility import UNIT_CODES, failures
from .site import Site
from .state import Call


def end_turns(site: Site) -> bool:
    """
    End the turns that are over; tell whether there were any.
    """
    has_ended = False
    for call in site.calls.values():
        has_ended |= end_turns_of(site, call)
    return has_ended


def end_turns_of(site: Site, call: Call) -> bool:
    """
    End the turns of a call that are over, one after another.
    """
    first = call.turn
    while _is_over(site, call):
        turns.next_turn(site, call)
    return call.turn != first


def _is_over(site: Site, call: Call) -> bool:
    """
    Tell whether the agent whose turn it is neither gets the call nor is waited for.
    """
    agent = turns.holder(call)
    if agent is None or not ringing.wants_offer(site, call):
        return False
    codes = list(failures(site, call, agent))
    if all(code in UNIT_CODES for code in codes):
        return bool(codes) and call.preferred[call.turn][1] == 0
    return True
