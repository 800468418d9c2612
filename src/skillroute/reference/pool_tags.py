"""
Tags of the pool: how they are written, and whether they meet needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ..errors import PlanError
from . import limits
from .border import canonical_tag
from .refusals import limit

_TAG = re.compile(r"[A-Za-z0-9._:@+/-]{1,128}\Z")
_LEVEL = re.compile(r"[0-9]{1,3}\Z")


class HeldTags(msgspec.Struct, frozen=True):
    """
    What one agent holds.
    """

    levels: dict[str, int]
    """Tag to level."""
    wildcard: bool


class PoolNeeds(msgspec.Struct, frozen=True):
    """
    What a kind of call asks.
    """

    required: dict[str, int]
    """Tag to least level."""
    any_of: tuple[frozenset[str], ...]
    forbidden: frozenset[str]
    preferred: dict[str, int]
    """Tag to weight; never a required one."""

    def are_met_by(self, held: HeldTags) -> bool:
        """
        Tell whether an agent with these tags may be chosen.
        """
        forbidden = self.forbidden & held.levels.keys()
        if held.wildcard:
            # Forbidden beats required, for a wildcard too.
            return not forbidden and not self.forbidden & self.required.keys()
        return (
            not forbidden
            and all(
                held.levels.get(tag, 0) >= level for tag, level in self.required.items()
            )
            and all(group & held.levels.keys() for group in self.any_of)
        )

    def asked_for(self) -> set[str]:
        """
        Return every tag that is required, preferred or in a group.
        """
        return {*self.required, *self.preferred, *(t for g in self.any_of for t in g)}


def held_tags(tags: Iterable[str]) -> HeldTags:
    """
    Read the tags of an agent; of two levels of one tag the later counts.
    """
    levels: dict[str, int] = {}
    wildcard = False
    for text in tags:
        if text == "*":
            wildcard = True
            continue
        tag, mark, level = text.partition("=")
        levels[_tag(tag)] = _level(level) if mark else limits.LEVEL_MAX
    if len(levels) > limits.TAGS_PER_AGENT_MAX:
        raise limit("tags_per_agent_max", limits.TAGS_PER_AGENT_MAX)
    return HeldTags(levels, wildcard)


def pool_needs(
    required: Iterable[str],
    any_of: Sequence[Iterable[str]],
    forbidden: Iterable[str],
    prefer: Mapping[str, int],
) -> PoolNeeds:
    """
    Read what is asked.
    """
    levels: dict[str, int] = {}
    for text in required:
        tag, mark, level = text.partition(">=")
        name = _tag(tag)
        levels[name] = max(levels.get(name, 0), _level(level) if mark else 1)
    groups = tuple(frozenset(_tag(tag) for tag in group) for group in any_of)
    if not all(groups):
        raise PlanError(code="empty_group", message="an any-of group has no tags")
    weights: dict[str, int] = {}
    for tag, weight in prefer.items():
        if not 1 <= weight <= limits.WEIGHT_MAX:
            message = f"a weight is 1 to {limits.WEIGHT_MAX}"
            raise PlanError(code="weight_out_of_range", message=message)
        weights[_tag(tag)] = weights.get(_tag(tag), 0) + weight
    preferred = {tag: weight for tag, weight in weights.items() if tag not in levels}
    return PoolNeeds(levels, groups, frozenset(map(_tag, forbidden)), preferred)


def _tag(text: str) -> str:
    if not _TAG.match(text):
        raise PlanError(code="malformed_tag", message="a malformed tag")
    return canonical_tag(text)


def _level(text: str) -> int:
    if not _LEVEL.match(text) or not 1 <= int(text) <= limits.LEVEL_MAX:
        message = f"a level is 1 to {limits.LEVEL_MAX}"
        raise PlanError(code="level_out_of_range", message=message)
    return int(text)
