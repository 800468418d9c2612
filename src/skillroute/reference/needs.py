"""
Needs: what a call asks of an agent, gathered from its sources.

Sources apply in the order of ``SOURCES`` (rule 5.1).  Required tags add up,
but of a category declared ``single`` the last one asked for replaces the
others.  Of two levels the higher counts; required beats preferred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..plan.compiled import CompiledNeed
from .state import Needs, Sourced

SOURCES = ("queue", "number", "call", "set_needs")
"""Where needs come from, in the order in which they apply."""

REQUIRED, ANY_OF, FORBIDDEN, PREFERRED = range(4)
"""Values of ``CompiledNeed.kind``."""


class _Gathered(msgspec.Struct):
    """
    Needs while they are being gathered.
    """

    required: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)
    """Tag to (level, source)."""
    fixed: set[int] = msgspec.field(default_factory=set)
    """Required tags that no step drops or lowers."""
    any_of: dict[tuple[int, ...], int] = msgspec.field(default_factory=dict)
    """Group to source."""
    forbidden: dict[int, int] = msgspec.field(default_factory=dict)
    """Tag to source."""
    preferred: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)
    """Tag to (weight, source)."""


def gather(
    sources: Iterable[Iterable[CompiledNeed]],
    single_category: Callable[[int], str | None],
    name: Callable[[int], str],
) -> Needs:
    """
    Bring the needs of all sources together.

    Args:
        sources: The needs of each source, in the order of ``SOURCES``.
        single_category: The category of a tag if it is a ``single`` one.
        name: The name of a tag, for the order.

    Returns:
        What holds, each part in order of names.
    """
    gathered = _Gathered()
    for source, needs in enumerate(sources):
        for need in needs:
            _add(gathered, need, source, single_category)
    for tag in gathered.required:
        gathered.preferred.pop(tag, None)
    return Needs(
        required=tuple(
            Sourced((tag,), level, source, tag in gathered.fixed)
            for tag, (level, source) in sorted(
                gathered.required.items(), key=lambda item: name(item[0])
            )
        ),
        any_of=tuple(
            Sourced(group, 0, source, False)
            for group, source in sorted(
                gathered.any_of.items(), key=lambda item: [name(t) for t in item[0]]
            )
        ),
        forbidden=tuple(
            Sourced((tag,), 0, source, False)
            for tag, source in sorted(
                gathered.forbidden.items(), key=lambda item: name(item[0])
            )
        ),
        preferred=tuple(
            Sourced((tag,), weight, source, False)
            for tag, (weight, source) in sorted(
                gathered.preferred.items(), key=lambda item: name(item[0])
            )
        ),
    )


def compiled(
    need: Need, tag_number: Callable[[str], int], name: Callable[[int], str]
) -> CompiledNeed:
    """
    Turn a need of an event into one of numbers.
    """
    match need:
        case Required(tag=tag, level=level):
            return _need(REQUIRED, (tag_number(tag),), level)
        case AnyOf(tags=tags):
            numbers = sorted({tag_number(tag) for tag in tags}, key=name)
            return _need(ANY_OF, tuple(numbers))
        case Forbidden(tag=tag):
            return _need(FORBIDDEN, (tag_number(tag),))
        case Preferred(tag=tag, weight=weight):
            return _need(PREFERRED, (tag_number(tag),), weight)


def _need(kind: int, tags: tuple[int, ...], value: int = 0) -> CompiledNeed:
    return CompiledNeed(kind=kind, tags=tags, value=value, never_relax=False)


def _add(
    gathered: _Gathered,
    need: CompiledNeed,
    source: int,
    single_category: Callable[[int], str | None],
) -> None:
    tag = need.tags[0]
    if need.kind == REQUIRED:
        if need.never_relax:
            gathered.fixed.add(tag)
        _require(gathered.required, tag, need.value, source, single_category)
    elif need.kind == ANY_OF:
        gathered.any_of.setdefault(need.tags, source)
    elif need.kind == FORBIDDEN:
        gathered.forbidden.setdefault(tag, source)
    else:
        weight, first = gathered.preferred.get(tag, (0, source))
        gathered.preferred[tag] = (weight + need.value, first)


def _require(
    required: dict[int, tuple[int, int]],
    tag: int,
    level: int,
    source: int,
    single_category: Callable[[int], str | None],
) -> None:
    category = single_category(tag)
    if category is not None:
        for other in list(required):
            if other != tag and single_category(other) == category:
                del required[other]
    if tag not in required or level > required[tag][0]:
        required[tag] = (level, source)
