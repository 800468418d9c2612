"""
How tags are written: held (``lang:pl=60``), needed (``lang:pl>=50``), plain.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..errors import PlanError

__all__ = [
    "DEFAULT_CATEGORY",
    "WILDCARD",
    "category_of",
    "parse_dropped",
    "parse_held",
    "parse_needed",
    "parse_plain",
]

TEAM = "team:"
"""What the name of a team begins with, where agents are named, too."""
WILDCARD = "*"
"""What an agent holds who can do everything."""

DEFAULT_CATEGORY = "skill"
"""A tag without a category, ``sales``, means ``skill:sales``."""

LEVEL_HELD = 100
"""Level of a tag that an agent holds without saying one."""

LEVEL_NEEDED = 1
"""Least level that a need asks for without saying one."""

_LEVEL_MAX = 100
_TAG_LENGTH_MAX = 128
_SHAPE = re.compile(r"[A-Za-z0-9._@+/-]+(?::[A-Za-z0-9._:@+/-]+)?")
# A site repeats few tags on many agents; this many distinct ones are remembered.
_REMEMBERED = 16_384


@lru_cache(_REMEMBERED)
def parse_held(text: str) -> tuple[str, int]:
    """
    Read a tag as an agent holds it.

    Args:
        text: Such as ``dept:sales``, ``sales`` or ``lang:pl=60``; not ``*``.

    Returns:
        The tag with its category, and its level, 100 if none is written.

    Raises:
        PlanError: It is no tag (``tag_malformed``) or its level is not 1 to 100
            (``level_out_of_range``).
    """
    if ">=" in text:
        hint = f"an agent holds a level: {text.replace('>=', '=')!r}"
        raise _malformed(text, hint)
    tag, mark, level = text.partition("=")
    return _full(tag, text), _level(level, text) if mark else LEVEL_HELD


@lru_cache(_REMEMBERED)
def parse_needed(text: str) -> tuple[str, int]:
    """
    Read a tag as a call needs it.

    Args:
        text: Such as ``dept:sales``, ``sales`` or ``lang:pl>=50``.

    Returns:
        The tag with its category, and the least level, 1 if none is written.

    Raises:
        PlanError: It is no tag (``tag_malformed``) or its level is not 1 to 100
            (``level_out_of_range``).
    """
    if "=" in text and ">=" not in text:
        hint = f"a need asks for at least a level: {text.replace('=', '>=')!r}"
        raise _malformed(text, hint)
    tag, mark, level = text.partition(">=")
    return _full(tag, text), _level(level, text) if mark else LEVEL_NEEDED


@lru_cache(_REMEMBERED)
def parse_plain(text: str) -> str:
    """
    Read a tag where no level may stand.

    Args:
        text: Such as ``dept:sales`` or ``sales``.

    Returns:
        The tag with its category.

    Raises:
        PlanError: It is no tag, or has a level (``tag_malformed``).
    """
    if "=" in text:
        raise _malformed(text, "no level can stand here: write the tag alone")
    return _full(text, text)


def parse_dropped(text: str) -> tuple[str, bool]:
    """
    Read what a step drops.

    Args:
        text: A tag, such as ``lang:pl``, or a whole category, ``lang:*``.

    Returns:
        The tag with its category and False, or the category and True.

    Raises:
        PlanError: It is neither (``tag_malformed``).
    """
    category = text.removesuffix(":*")
    if category != text and _SHAPE.fullmatch(category) and ":" not in category:
        return category, True
    return parse_plain(text), False


def category_of(tag: str) -> str:
    """
    Return the category of a tag that was read.
    """
    return tag.partition(":")[0]


def _full(tag: str, text: str) -> str:
    """
    Check one tag without its level and give it its category.
    """
    tag = tag.strip()
    if tag == WILDCARD:
        raise _malformed(text, "only an agent can hold '*', and without a level")
    if not _SHAPE.fullmatch(tag) or len(tag) > _TAG_LENGTH_MAX:
        raise _malformed(
            text,
            "a tag is 'category:value' or 'value', of letters a-z, digits and"
            " . _ @ + / -, at most 128 characters",
        )
    return tag if ":" in tag else f"{DEFAULT_CATEGORY}:{tag}"


def _level(level: str, text: str) -> int:
    """
    Read the level after ``=`` or ``>=``.
    """
    level = level.strip()
    if not re.fullmatch(r"[0-9]{1,9}", level):
        raise _malformed(text, "a level is a whole number, 1 to 100")
    if not 1 <= int(level) <= _LEVEL_MAX:
        raise PlanError(
            code="level_out_of_range",
            message=f"level {int(level)} of {text!r} is not within 1 to 100",
            hint="100 is best; without a level a tag has 100 and a need asks for 1",
        )
    return int(level)


def _malformed(text: str, hint: str) -> PlanError:
    return PlanError(
        code="tag_malformed",
        message=f"{text!r} is no tag that can stand here",
        hint=hint,
    )
