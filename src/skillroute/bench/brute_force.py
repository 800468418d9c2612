"""
The answers that are right, found by looking at everybody.

Agents are bits of one long number: those who hold a tag, those who are free, those who
have so many tags.  Who is left of them after ``and`` is compared one by one.  Nothing
here is shared with any contender.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from .workloads import Workload

__all__ = ["right_answers"]


def right_answers(work: Workload, operations: int) -> list[int | None]:
    """
    Choose for the first calls of a workload, each agent busy from then on.

    After each choice the agent who is busy longest becomes free.

    Args:
        work: The workload.
        operations: How many calls, at most as many as it has.

    Returns:
        An agent for each call; None: nobody free holds the tags.

    Cost: linear in the agents, for each call.
    """
    asked = work.asked[:operations]
    holders = _holders(work, {tag for needs in asked for tag in work.needs[needs]})
    levels = _levels(work)
    free = (1 << len(work.agents)) - 1
    for agent in work.busy:
        free ^= 1 << agent
    idle_since_ms, busy = list(work.idle_since_ms), deque(work.busy)
    answers: list[int | None] = []
    for step, needs in enumerate(asked):
        fitting = free
        for tag in work.needs[needs]:
            fitting &= holders.get(tag, 0)
        chosen = _first(fitting, levels, idle_since_ms)
        answers.append(chosen)
        if chosen is not None:
            free ^= 1 << chosen
            busy.append(chosen)
            freed = busy.popleft()
            free ^= 1 << freed
            idle_since_ms[freed] = work.released_at_ms(step)
    return answers


def _first(fitting: int, levels: list[int], idle_since_ms: list[int]) -> int | None:
    """
    Return who of some agents has the fewest tags, is idle longest, comes first.
    """
    for level in levels:
        if fitting & level:
            return min(
                _members(fitting & level),
                key=lambda agent: (idle_since_ms[agent], agent),
            )
    return None


def _members(agents: int) -> Iterator[int]:
    digits = f"{agents:b}"[::-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


def _holders(work: Workload, tags: set[int]) -> dict[int, int]:
    """
    Return the agents who hold each of some tags.
    """
    size = len(work.agents) // 8 + 1
    rows = {tag: bytearray(size) for tag in tags}
    for agent, held in enumerate(work.agents):
        for tag in tags.intersection(held):
            rows[tag][agent >> 3] |= 1 << (agent & 7)
    return {tag: int.from_bytes(row, "little") for tag, row in rows.items()}


def _levels(work: Workload) -> list[int]:
    """
    Return the agents who have so many tags, the fewest first.
    """
    rows: dict[int, bytearray] = {}
    for agent, held in enumerate(work.agents):
        row = rows.setdefault(len(held), bytearray(len(work.agents) // 8 + 1))
        row[agent >> 3] |= 1 << (agent & 7)
    return [int.from_bytes(rows[count], "little") for count in sorted(rows)]
