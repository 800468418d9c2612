"""
Overrides: a schedule, a queue or a number is opened, closed, or plays a message.

An override beats the weekly hours of a schedule (rule 3.2), and turns the calls away
that come to a queue or a number from then on: ``closed`` does with them what the queue
or the site does with calls that it cannot take, ``play`` lets them hear a message and
hangs up.  Who is in line already stays.  It ends by time, or when it is taken back.
"""

from __future__ import annotations

from ..events import Overridden
from ..plan.compiled import END_KINDS, CompiledEnd
from . import border, limits, routing
from .refusals import illegal
from .site import Site
from .state import Call, Override
from .timers import TimerKind

KINDS = ("schedule", "queue", "number")
"""Names of ``Override.kind``."""

SCHEDULE, QUEUE, NUMBER = range(3)

TO = ("open", "closed", "play")
"""Names of ``Override.to``."""

OPEN, CLOSED, PLAY = range(3)

_LAST_RESORT = END_KINDS.index("last_resort")

_TOO_LATE = "until_ms out of range"


def override(site: Site, event: Overridden) -> None:
    """
    Let an override hold from now, in place of a former one.
    """
    kind, to = KINDS.index(event.kind), TO.index(event.to)
    subject = subject_named(site, event.kind, event.name)
    _check(site, event)
    _forget(site, kind, subject)
    prompt = event.prompt if to == PLAY else ""
    one = Override(kind, subject, to, prompt, event.until_ms)
    site.overlay.overrides = sorted(
        [*site.overlay.overrides, one], key=lambda one: (one.kind, one.subject)
    )
    if event.until_ms is not None:
        place = timer_subject(kind, subject)
        site.timers.set(TimerKind.OVERRIDE_ENDS, place, event.until_ms)
    # Only now: an opening that is prolonged is no shift's start.
    _look_at_hours(site, kind, subject)


def end(site: Site, kind: int, subject: int) -> None:
    """
    Let the plan hold again, if it was overridden.
    """
    if _forget(site, kind, subject):
        _look_at_hours(site, kind, subject)


def time_is_over(site: Site, timer_subject: int) -> None:
    """
    An override has held as long as it was to.
    """
    end(site, timer_subject % len(KINDS), timer_subject // len(KINDS))


def subject_named(site: Site, kind: str, name: str) -> int:
    """
    Find what is overridden, by its kind and name.
    """
    if kind == "schedule":
        return border.schedule_named(site, name)
    if kind == "queue":
        return border.queue_named(site, name)
    return border.number_named(site, name)


def away_from_number(site: Site, call: Call) -> CompiledEnd | None:
    """
    Say where a call goes in place of the queue of its number; None: the number is open.
    """
    if call.number is None:
        return None
    one = site.overlay.override(NUMBER, call.number)
    if one is None or one.to == OPEN:
        return None
    return _hang_up(one) if one.to == PLAY else CompiledEnd(kind=_LAST_RESORT, target=0)


def away_from_queue(site: Site, queue: int, closed: CompiledEnd) -> CompiledEnd | None:
    """
    Say where a call goes that comes to a queue; None: the queue is open.

    Args:
        site: The site.
        queue: The queue.
        closed: Where it goes if the queue is closed.
    """
    one = site.overlay.override(QUEUE, queue)
    if one is None or one.to == OPEN:
        return None
    return _hang_up(one) if one.to == PLAY else closed


def _hang_up(one: Override) -> CompiledEnd:
    return CompiledEnd(kind=END_KINDS.index("hangup"), target=0, text=one.prompt)


def _check(site: Site, event: Overridden) -> None:
    name = "Overridden"
    if event.to == "play":
        if event.kind == "schedule":
            raise illegal(name, "a schedule plays nothing", "open or closed")
        border.check_author(event.prompt, "")
        if not event.prompt:
            raise illegal(name, "no prompt to play", "a prompt", "prompt_missing")
    until_ms = event.until_ms
    if until_ms is not None and not site.now_ms < until_ms <= limits.TIME_MS_MAX:
        expected = f"{site.now_ms + 1} to {limits.TIME_MS_MAX}"
        raise illegal(name, _TOO_LATE, expected, "until_ms_out_of_range")


def _forget(site: Site, kind: int, subject: int) -> bool:
    """
    Forget an override and its timer; tell whether there was one.
    """
    site.timers.cancel(TimerKind.OVERRIDE_ENDS, timer_subject(kind, subject))
    key = (kind, subject)
    others = [one for one in site.overlay.overrides if (one.kind, one.subject) != key]
    was_there = len(others) < len(site.overlay.overrides)
    site.overlay.overrides = others
    return was_there


def _look_at_hours(site: Site, kind: int, subject: int) -> None:
    """
    A schedule may be open or closed from now.
    """
    if kind == SCHEDULE:
        routing.shift_changed(site, subject)


def timer_subject(kind: int, subject: int) -> int:
    """
    Return the subject of the timer of an override.
    """
    return subject * len(KINDS) + kind
