"""
How destinations are written (``queue:backup``), checked and compiled.

An ``agent:<id>`` is compiled to a queue of that one member, which has the same
name: the agent is rung once, whatever tags the call asks for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..numbers import parse_party
from ._problems import Fault, Path, suggest
from .compiled import END_KINDS, LIMITS, CompiledEnd, CompiledLimits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .model import RawPlan, RawQueue

__all__ = [
    "agents_rung",
    "compile_last_resort",
    "compile_limits",
    "compiled_end",
    "destinations",
    "find_lost",
    "queues_reached",
]

AGENT = "agent:"
"""What a destination begins with that is one agent, and the name of their queue."""

_DIGIT = re.compile("[0-9*#]")
_KINDS = ("agent", "hangup", "number", "queue", "voicemail")
_ALONE = ("hangup", "last_resort")
"""Destinations without a name."""


def compiled_end(
    raw: RawPlan, text: str, queues: Mapping[str, int], boxes: Mapping[str, int]
) -> CompiledEnd:
    """
    Compile a destination in which ``find_lost`` finds nothing.

    Args:
        raw: The plan.
        text: Such as ``queue:backup``.
        queues: The index of each queue, those of agents included.
        boxes: The index of each voicemail box.
    """
    kind, _, name = text.partition(":")
    target = 0
    if kind == "agent":
        kind, target = "queue", queues[text]
    elif kind == "queue":
        target = queues[name]
    elif kind == "voicemail":
        target = boxes[name]
    elif kind == "number":
        name = _number(raw, name)
    said = name if kind in ("number", "hangup") else ""
    return CompiledEnd(kind=END_KINDS.index(kind), target=target, text=said)


def compile_limits(
    raw: RawPlan, queue: RawQueue, queues: Mapping[str, int], boxes: Mapping[str, int]
) -> CompiledLimits:
    """
    Compile what makes a queue give up a call, or not take it.
    """
    hours = None if queue.hours is None else sorted(raw.schedules).index(queue.hours)
    overflow_on = {
        LIMITS.index(limit): compiled_end(raw, text, queues, boxes)
        for limit, text in queue.overflow_on.items()
    }
    return CompiledLimits(
        overflow_on=tuple(sorted(overflow_on.items(), key=lambda item: item[0])),
        keeps_place=queue.overflow_keeps_place,
        max_wait_cuts_ring=queue.max_wait_cuts_ring,
        hours=hours,
        size_per_caller=queue.size_per_caller,
        size=queue.size,
        digits=tuple(
            (digit, compiled_end(raw, text, queues, boxes))
            for digit, text in sorted(queue.digits.items())
        ),
        refuse_nobody_on_shift=queue.refuse_nobody_on_shift,
        refuse_nobody_logged_in=queue.refuse_nobody_logged_in,
        leave_when_empty=queue.leave_when_empty,
    )


def compile_last_resort(raw: RawPlan, boxes: Mapping[str, int]) -> CompiledEnd:
    """
    Compile what is tried before the last resort's message.
    """
    to = raw.last_resort.to
    return compiled_end(raw, "last_resort" if to == "hangup" else to, {}, boxes)


def destinations(queue: RawQueue) -> Iterator[tuple[Path, str]]:
    """
    Yield every destination of a queue, and where it stands in its table.
    """
    if queue.overflow is not None:
        yield ("overflow",), queue.overflow
    for limit, text in queue.overflow_on.items():
        yield ("overflow_on", limit), text
    for digit, text in queue.digits.items():
        yield ("digits", digit), text


def agents_rung(raw: RawPlan) -> set[str]:
    """
    List the agents that some destination names.
    """
    texts = (text for queue in raw.queues.values() for _, text in destinations(queue))
    return {text.removeprefix(AGENT) for text in texts if text.startswith(AGENT)}


def queues_reached(raw: RawPlan, queue: str) -> Iterator[str]:
    """
    Yield the queues to which a queue sends calls.
    """
    for _, text in destinations(raw.queues[queue]):
        kind, _, name = text.partition(":")
        if kind == "queue" and name in raw.queues:
            yield name


def find_lost(raw: RawPlan) -> Iterator[Fault]:
    """
    Find destinations that lead nowhere.
    """
    for name, queue in raw.queues.items():
        for place, text in destinations(queue):
            yield from _lost(raw, ("queues", name, *place), text)
        for limit in queue.overflow_on.keys() - set(LIMITS):
            yield Fault(
                severity="error",
                code="unknown_value",
                message=f"{limit!r} is no limit",
                path=("queues", name, "overflow_on", limit),
                on_key=True,
                hint=suggest(limit, LIMITS),
            )
        if queue.hours is not None and queue.hours not in raw.schedules:
            yield Fault(
                severity="error",
                code="unknown_schedule",
                message=f"there is no schedule {queue.hours!r}",
                path=("queues", name, "hours"),
                hint=suggest(queue.hours, tuple(raw.schedules)),
            )
        for digit in queue.digits:
            if not _DIGIT.fullmatch(digit):
                yield Fault(
                    severity="error",
                    code="digit_malformed",
                    message=f"{digit!r} is no key of a telephone",
                    path=("queues", name, "digits", digit),
                    on_key=True,
                    hint="write one of 0 to 9, * and #",
                )
        if name.startswith(AGENT):
            yield Fault(
                severity="error",
                code="queue_name_taken",
                message=f"{name!r} means the agent, wherever a call is sent",
                path=("queues", name),
                on_key=True,
                hint=f"call it {name.removeprefix(AGENT)!r}, or otherwise",
            )
    to = raw.last_resort.to
    if to != "hangup":
        if to.partition(":")[0] in ("voicemail", "number"):
            yield from _lost(raw, ("last_resort", "to"), to)
        else:
            hint = "write 'hangup', 'voicemail:<box>' or 'number:<number>'"
            yield _fault("unknown_overflow", ("last_resort", "to"), to, "no end", hint)


def _lost(raw: RawPlan, path: Path, text: str) -> Iterator[Fault]:
    """
    Find what is wrong with one destination.
    """
    kind, colon, name = text.partition(":")
    known: dict[str, Iterable[str]] = {
        "agent": raw.agents,
        "queue": raw.queues,
        "voicemail": raw.voicemail,
    }
    if kind in known and colon:
        if name not in known[kind]:
            what = "voicemail box" if kind == "voicemail" else kind
            code = "unknown_box" if kind == "voicemail" else f"unknown_{kind}"
            message = f"there is no {what} {name!r}"
            hint = suggest(name, tuple(known[kind]))
            yield Fault(
                severity="error", code=code, message=message, path=path, hint=hint
            )
    elif kind == "number" and colon:
        if not _number(raw, name):
            hint = 'write it as "number:+74951234567", 7 to 15 digits'
            yield _fault("number_malformed", path, name, "no number", hint)
    elif text not in _ALONE and not (kind == "hangup" and name):
        yield _fault("unknown_overflow", path, text, "no end", _meant(raw, text))


def _meant(raw: RawPlan, text: str) -> str:
    """
    Guess which destination was meant.
    """
    named = (("queue", raw.queues), ("voicemail", raw.voicemail), ("agent", raw.agents))
    meant = [f"'{kind}:{text}'" for kind, names in named if text in names]
    if meant:
        return f"write {' or '.join(meant)}"
    known = [f"{kind}:<name>" for kind in _KINDS]
    known += [f"queue:{name}" for name in raw.queues]
    known += [f"voicemail:{name}" for name in raw.voicemail]
    return suggest(text, [*_ALONE, *known])


def _number(raw: RawPlan, text: str) -> str:
    """
    Return a number as it is dialled; empty: it is none.
    """
    site = raw.site
    party = parse_party(
        text, country_code=site.country_code, national_prefix=site.national_prefix
    )
    return party.number


def _fault(code: str, path: Path, text: str, what: str, hint: str) -> Fault:
    message = f"{text!r} is {what}"
    return Fault(severity="error", code=code, message=message, path=path, hint=hint)
