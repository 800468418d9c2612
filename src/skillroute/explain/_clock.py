"""
Instants as people and programs read them, in the zone that they think in.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ..plan import Plan

__all__ = ["agent_zone", "iso", "length_words", "local", "until_words"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def local(at_ms: int, zone: str) -> datetime:
    """
    Return an instant in a zone.
    """
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(zone))


def iso(at_ms: int, zone: str) -> str:
    """
    Write an instant in ISO 8601 with its offset; milliseconds only if there are any.
    """
    return local(at_ms, zone).isoformat(
        timespec="milliseconds" if at_ms % 1000 else "seconds"
    )


def until_words(until_ms: int, now_ms: int, zone: str) -> str:
    """
    Write when something ends: the time, with the day or date if it is not today.
    """
    then, now = local(until_ms, zone), local(now_ms, zone)
    clock = then.strftime("%H:%M:%S" if then.second else "%H:%M")
    days = (then.date() - now.date()).days
    if days == 0:
        return f"{clock} {zone}"
    # After six days the day's name would mean two days.
    day = _DAYS[then.weekday()] if days <= 6 else then.date().isoformat()
    return f"{day} {clock} {zone}"


def length_words(length_ms: int) -> str:
    """
    Write a length of time: ``42 s``, ``3 min 20 s``, ``5 min``, ``2 h 5 min``.
    """
    seconds = length_ms // 1000
    minutes, hours = seconds // 60, seconds // 3600
    if not minutes:
        return f"{seconds} s"
    whole, rest = (
        (f"{hours} h", f"{minutes % 60} min")
        if hours
        else (f"{minutes} min", f"{seconds % 60} s")
    )
    return whole if rest.startswith("0 ") else f"{whole} {rest}"


def agent_zone(plan: Plan, agent: str) -> str:
    """
    Return the zone that an agent's shifts are written in, else the site's.
    """
    schedule = plan.raw.agents[agent].schedule
    own = None if schedule is None else plan.raw.schedules[schedule].zone
    return own or plan.raw.site.zone
