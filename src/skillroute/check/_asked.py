"""
What calls ask of agents, as far as the plan says it, and how steps relax it.

A call may bring needs of its own; they are not known here, so "nobody can take it"
is certain and "somebody can" holds for a call that brings none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ..plan import category_of, parse_dropped, parse_needed, parse_plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..plan.model import RawNumber, RawPlan, RawQueue, RawStep

__all__ = ["Asked", "Required", "asked_of", "drops", "lowers", "relaxed", "without"]


class Required(NamedTuple):
    """
    A required tag's least level, and whether no step may touch it.
    """

    level: int
    fixed: bool


class Asked(msgspec.Struct, frozen=True):
    """
    What a call asks.
    """

    required: dict[str, Required]
    any_of: tuple[tuple[str, ...], ...]
    forbidden: frozenset[str]
    fixed: frozenset[str]
    """The site's tags that no step may touch."""


def asked_of(raw: RawPlan, queue: RawQueue, number: RawNumber | None) -> Asked:
    """
    Bring the needs of a queue and of a number together.

    Args:
        raw: The plan.
        queue: The queue, whose needs apply first.
        number: The number that was dialled; None: only the queue asks.

    Returns:
        What holds.  Of a category declared ``single`` the later source counts.

    Source: rule 5.1, as ``reference/needs.py``.
    """
    site_fixed = frozenset(map(parse_plain, raw.site.never_relax))
    fixed = set(site_fixed)
    required: dict[str, int] = {}
    for source in (queue, number) if number else (queue,):
        fixed.update(map(parse_plain, source.never_relax))
        for text in source.needs:
            tag, level = parse_needed(text)
            _replace(required, tag, raw.site.single)
            required[tag] = max(level, required.get(tag, level))
    return Asked(
        required={tag: Required(lv, tag in fixed) for tag, lv in required.items()},
        any_of=tuple(tuple(map(parse_plain, group)) for group in queue.any_of),
        forbidden=frozenset(map(parse_plain, queue.forbidden)),
        fixed=site_fixed,
    )


def relaxed(asked: Asked, steps: Iterable[RawStep]) -> Asked:
    """
    Return what is asked after steps (rule 9.2).
    """
    for step in steps:
        required = {
            tag: need
            for tag, need in asked.required.items()
            if not any(_hits(text, tag, fixed=need.fixed) for text in step.drop)
        }
        for text, level in step.lower.items():
            need = required.get(parse_plain(text))
            if need is not None and not need.fixed:
                lower = Required(min(level, need.level), fixed=False)
                required[parse_plain(text)] = lower
        any_of = tuple(
            group
            for group in asked.any_of
            if not any(_drops_group(text, group, asked.fixed) for text in step.drop)
        )
        asked = msgspec.structs.replace(asked, required=required, any_of=any_of)
    return asked


def without(asked: Asked, granted: Collection[str]) -> Asked:
    """
    Return what is asked of somebody who is granted some tags; forbidden ones stay.
    """
    if asked.forbidden & asked.required.keys() & set(granted):
        # It stays impossible, for wildcards too.
        return asked
    kept = {tag: n for tag, n in asked.required.items() if tag not in granted}
    groups = (group for group in asked.any_of if not set(group) & set(granted))
    return msgspec.structs.replace(asked, required=kept, any_of=tuple(groups))


def drops(asked: Asked, text: str) -> bool:
    """
    Tell whether a step's ``drop`` of *text* takes anything away.
    """
    return any(
        _hits(text, tag, fixed=need.fixed) for tag, need in asked.required.items()
    ) or any(_drops_group(text, group, asked.fixed) for group in asked.any_of)


def lowers(asked: Asked, text: str, level: int) -> bool:
    """
    Tell whether a step's ``lower`` of *text* changes anything.
    """
    need = asked.required.get(parse_plain(text))
    return need is not None and not need.fixed and need.level > level


def _replace(required: dict[str, int], tag: str, single: Collection[str]) -> None:
    """
    Forget other tags of a category of which a call needs only the last.
    """
    category = category_of(tag)
    if category in single:
        for other in [t for t in required if t != tag and category_of(t) == category]:
            del required[other]


def _hits(text: str, tag: str, *, fixed: bool) -> bool:
    name, is_category = parse_dropped(text)
    return not fixed and name == (category_of(tag) if is_category else tag)


def _drops_group(text: str, group: Iterable[str], fixed: Collection[str]) -> bool:
    return any(_hits(text, tag, fixed=tag in fixed) for tag in group)
