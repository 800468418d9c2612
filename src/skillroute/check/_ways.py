"""
The ways of calls into queues: numbers of ours, and queues that give calls up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ..plan import Path, destinations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..plan.model import RawNumber, RawPlan

__all__ = ["Way", "overflows", "ways"]

# Numbers whose calls ask alike count as one, so that this is out of reach of plans
# that people write; with more kinds of calls in one queue the rest is not followed.
_KINDS_MAX = 1_000


class Way(msgspec.Struct, frozen=True):
    """
    A way on which calls of a number come into a queue.
    """

    queue: str
    number: str
    """As it is written; of those alike the first."""
    path: Path
    """The number, or the destination that sends its calls on."""

    @property
    def is_direct(self) -> bool:
        """Whether the number names the queue."""
        return self.path[0] == "numbers"


def ways(raw: RawPlan) -> list[Way]:
    """
    Find how calls come into queues.

    Args:
        raw: A plan in which ``find_faults`` found no error.

    Returns:
        First all numbers in their order; then, for each kind of call and queue that
        it may be sent to, the first way there.

    Cost: kinds of calls times destinations.
    """
    found: list[Way] = []
    kinds: dict[str, set[object]] = {name: set() for name in raw.queues}
    for text, number in raw.numbers.items():
        found.append(Way(number.queue, text, ("numbers", text)))
        kinds[number.queue].add(_kind(number))
    edges: dict[str, list[tuple[Path, str]]] = {name: [] for name in raw.queues}
    for source, path, target in overflows(raw, digits=True):
        edges[source].append((path, target))
    # The list grows while it is gone through.
    for way in found:
        kind = _kind(raw.numbers[way.number])
        for path, target in edges[way.queue]:
            known = kinds[target]
            if kind not in known and len(known) < _KINDS_MAX:
                known.add(kind)
                found.append(Way(target, way.number, path))
    return found


def overflows(raw: RawPlan, *, digits: bool) -> Iterator[tuple[str, Path, str]]:
    """
    Yield each destination of a queue that is a queue: (source, its place, target).

    Args:
        raw: The plan.
        digits: Whether those count to which a caller asks to be sent.
    """
    for name, queue in raw.queues.items():
        for place, text in destinations(queue):
            kind, _, target = text.partition(":")
            if kind == "queue" and (digits or place[0] != "digits"):
                yield name, ("queues", name, *place), target


def _kind(number: RawNumber) -> object:
    return number.needs, number.never_relax, number.priority
