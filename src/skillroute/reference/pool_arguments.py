"""
Arguments of the pool: what has a wrong type or is out of range is refused.

Whole numbers may be of any type that Python counts with; texts, truth values and
mappings are what they are called, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index
from typing import TypeVar

from ..errors import PlanError
from . import limits

_T = TypeVar("_T")


def given(value: _T | None, default: _T) -> _T:
    """
    Return an argument, or what it is if it was left out.
    """
    return default if value is None else value


def read_text(value: str) -> str:
    """
    Return a text.
    """
    if not isinstance(value, str):
        raise TypeError("a text is wanted")
    return value


def read_texts(values: Iterable[str]) -> list[str]:
    """
    Return texts, in their order.
    """
    return [read_text(value) for value in values]


def read_truth(value: bool) -> bool:  # noqa: FBT001 - the value is what is read
    """
    Return a truth value.
    """
    if not isinstance(value, bool):
        raise TypeError("True or False is wanted")
    return value


def read_weights(prefer: Mapping[str, int]) -> dict[str, int]:
    """
    Return preferred tags and their weights.
    """
    if not isinstance(prefer, Mapping):
        raise TypeError("a mapping of tags to weights is wanted")
    return {read_text(tag): index(weight) for tag, weight in prefer.items()}


def read_draw(values: Iterable[int]) -> tuple[int, int]:
    """
    Return what random strategies draw by.
    """
    numbers = tuple(map(index, values))
    if len(numbers) != 2:
        raise TypeError("a draw is two numbers")
    return numbers


def counter_in_range(name: str, value: int) -> int:
    """
    Return a number of calls, milliseconds or weight that is in range.
    """
    low, high = (1, limits.WEIGHT_MAX) if name == "weight" else (0, limits.TIME_MS_MAX)
    return number_in_range(name, value, low, high)


def signed_in_range(name: str, value: int) -> int:
    """
    Return an instant or a priority that is in range.
    """
    return number_in_range(name, value, -limits.TIME_MS_MAX, limits.TIME_MS_MAX)


def number_in_range(name: str, value: int, low: int, high: int) -> int:
    """
    Return a number that is in range, both ends included.
    """
    number = index(value)
    if not low <= number <= high:
        raise PlanError(
            code="number_out_of_range", message=f"{name} is {low} to {high}"
        )
    return number
