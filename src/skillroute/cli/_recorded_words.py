"""
Instants and decisions of a recorded day, in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from .. import actions, events
from ..plan import Plan
from ..recorded import LifeMoment, Parting

__all__ = [
    "Teller",
    "clock",
    "event_name",
    "instant",
    "name_of",
    "parting_words",
    "tell_life",
]


class Teller(Protocol):
    """
    Puts what happens into words; what means nothing to people it leaves out.
    """

    def event_words(self, event: events.Event, at_ms: int) -> Iterator[str]:
        """Say what somebody did."""

    def action_words(self, action: actions.Action, at_ms: int) -> Iterator[str]:
        """Say what was ordered."""


def tell_life(
    life: tuple[LifeMoment, ...], teller: Teller
) -> Iterator[tuple[int, str]]:
    """
    Yield (epoch milliseconds, words) for each thing that happened.
    """
    for moment in life:
        if moment.event is not None:
            for words in teller.event_words(moment.event, moment.at_ms):
                yield moment.at_ms, words
        for action in moment.actions:
            for words in teller.action_words(action, moment.at_ms):
                yield moment.at_ms, words


def event_name(event: events.Event) -> str:
    """
    Write the name of an event as words: ``call moved``.
    """
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(event).__name__).lower()


def name_of(agent: str, plan: Plan) -> str:
    """
    Return an agent's name; where they have none, or are in no plan, their id.
    """
    known = plan.raw.agents.get(agent)
    return (known.name if known else "") or agent


def clock(at_ms: int, plan: Plan) -> str:
    """
    Write an instant as the clock of the site shows it.
    """
    zone = ZoneInfo(plan.raw.site.zone)
    return datetime.fromtimestamp(at_ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def instant(at_ms: int, plan: Plan) -> str:
    """
    Write an instant in ISO 8601, in the zone of the site, for programs.
    """
    zone = ZoneInfo(plan.raw.site.zone)
    moment = datetime.fromtimestamp(at_ms / 1000, zone)
    return moment.isoformat(timespec="milliseconds")


def parting_words(parting: Parting) -> str:
    """
    Say what is decided now, and what was.
    """
    now, was = parting.now or "nothing then", parting.was or "nothing then"
    return f"{now}; recorded: {was}"
