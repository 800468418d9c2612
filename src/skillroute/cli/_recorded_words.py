"""
Instants and decisions of a recorded day, in words.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ..plan import Plan
from ..recorded import Parting

__all__ = ["clock", "instant", "parting_words"]


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
