"""
Warns of what a plan without errors can hardly mean: nobody, nothing, never.

Sets of agents are integers with a bit per agent, so that five thousand queues are
compared with a hundred thousand agents in a fraction of a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._problems import Fault, Path, suggest
from ._tags import WILDCARD, category_of, parse_held, parse_needed, parse_plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import RawPlan, RawQueue

__all__ = ["find_doubts"]


def find_doubts(raw: RawPlan) -> list[Fault]:
    """
    Find what is probably not meant.

    Args:
        raw: A plan in which ``find_faults`` found no error.

    Returns:
        Warnings, in no particular order.

    Cost: linear in the plan, plus queues times agents / 8 bytes for every need.
    """
    return [
        *_nothing_there(raw),
        *_never_reached(raw),
        *_Reach(raw).find(),
    ]


def _nothing_there(raw: RawPlan) -> Iterable[Fault]:
    """
    Warn of what is empty, or named for nothing.
    """
    if not raw.agents:
        yield _doubt("no_agents", (), "nobody can take a call", "add an [agents.<id>]")
    if not raw.numbers:
        yield _doubt(
            "no_numbers",
            (),
            "every call goes to the last resort, for no number leads to a queue",
            'add a [numbers."+..."] with its queue',
        )
    for name, schedule in raw.schedules.items():
        if not schedule.weekly:
            yield _doubt(
                "never_open",
                ("schedules", name, "weekly"),
                f"the schedule {name!r} is never open",
                'such as weekly = ["mo-fr 09:00-18:00"]',
            )
    for name, box in raw.voicemail.items():
        if not box.recipients:
            yield _doubt(
                "box_without_recipients",
                ("voicemail", name),
                f"nobody is told of the messages in {name!r}",
                'such as recipients = ["sales@example.com"]',
            )


def _never_reached(raw: RawPlan) -> Iterable[Fault]:
    """
    Warn of queues that no call can enter.
    """
    entered = {number.queue for number in raw.numbers.values()}
    for name in raw.queues.keys() - entered if entered else ():
        yield _doubt(
            "queue_unreachable",
            ("queues", name),
            f"no number leads to the queue {name!r}",
            f'set queue = "{name}" for a number, or remove the queue',
        )


class _Reach:
    """
    Who can take which calls, as sets of agents.
    """

    def __init__(self, raw: RawPlan) -> None:
        self.raw = raw
        self.bits = {agent: index for index, agent in enumerate(raw.agents)}
        self.everybody = (1 << len(raw.agents)) - 1
        self.holders = _holders(raw)
        self.wildcards = self._set(
            agent for agent, table in raw.agents.items() if WILDCARD in table.tags
        )

    def find(self) -> Iterable[Fault]:
        """
        Warn of tags, queues, agents and categories that never meet.
        """
        if not self.raw.agents:
            return
        served = 0
        for name, queue in self.raw.queues.items():
            able = self._able(queue)
            # A queue that nobody can serve is the fault, not those who serve it.
            served |= able or self._members(queue)
            unheld = list(self._unheld(("queues", name), queue))
            yield from unheld
            if not able and not unheld:
                yield _doubt(
                    "queue_without_agents",
                    ("queues", name),
                    f"no agent who serves the queue {name!r} meets its needs",
                    "give an agent its tags, or change its needs or agents",
                )
        for text, number in self.raw.numbers.items():
            yield from self._unheld_needs(("numbers", text, "needs"), number.needs)
        if self.raw.queues:
            yield from self._idle(served)
        yield from self._unused_categories()

    def _idle(self, served: int) -> Iterable[Fault]:
        """
        Warn of agents who can take no call of any queue.
        """
        for agent, index in self.bits.items():
            if not served >> index & 1:
                yield _doubt(
                    "agent_unreachable",
                    ("agents", agent),
                    f"{agent!r} can take the calls of no queue",
                    "compare their tags with the needs of the queues they serve",
                )

    def _able(self, queue: RawQueue) -> int:
        """
        Return who serves a queue and meets its needs.
        """
        able = self._members(queue)
        for text in queue.needs:
            able &= self._meeting(*parse_needed(text)) | self.wildcards
        for group in queue.any_of:
            able &= self._meeting_any(group) | self.wildcards
        for text in queue.forbidden:
            able &= ~self._meeting(parse_plain(text))
        return able

    def _members(self, queue: RawQueue) -> int:
        if not queue.agents and not queue.teams:
            return self.everybody
        teams = (self.raw.teams[name].agents for name in queue.teams)
        return self._set([*queue.agents, *(agent for team in teams for agent in team)])

    def _meeting(self, tag: str, level: int = 1) -> int:
        """
        Return who holds a tag by name, at least at *level*.
        """
        holders = self.holders.get(tag, {})
        return self._set(agent for agent, held in holders.items() if held >= level)

    def _meeting_any(self, group: Iterable[str]) -> int:
        able = 0
        for text in group:
            able |= self._meeting(parse_plain(text))
        return able

    def _unheld(self, path: Path, queue: RawQueue) -> Iterable[Fault]:
        """
        Warn of a queue's needs that no agent of the site can meet.
        """
        yield from self._unheld_needs((*path, "needs"), queue.needs)
        for index, group in enumerate(queue.any_of):
            if not self.wildcards and not any(map(self._is_held, group)):
                text = " or ".join(repr(tag) for tag in group)
                yield self._nobody_has((*path, "any_of", index), text, group[0])

    def _unheld_needs(self, path: Path, needs: Iterable[str]) -> Iterable[Fault]:
        for index, text in enumerate(needs):
            tag, level = parse_needed(text)
            if not self.wildcards and not self._is_held(tag, level):
                yield self._nobody_has((*path, index), repr(text), tag)

    def _is_held(self, text: str, level: int = 1) -> bool:
        """
        Tell whether any agent of the site holds a tag by name, at that level.
        """
        levels = self.holders.get(parse_plain(text), {}).values()
        return any(held >= level for held in levels)

    def _nobody_has(self, path: Path, text: str, tag: str) -> Fault:
        if parse_plain(tag) in self.holders:
            hint = "the agents who hold the tag have a lower level"
        else:
            # A list of all tags of the site would not help.
            close = suggest(tag, self.holders)
            hint = close if close.startswith("did") else "give it to an agent"
        return _doubt("tag_nobody_has", path, f"no agent holds {text}", hint)

    def _unused_categories(self) -> Iterable[Fault]:
        used = {category_of(tag) for tag in self.holders}
        for index, category in enumerate(self.raw.site.uncounted):
            if category not in used:
                yield _doubt(
                    "category_unused",
                    ("site", "uncounted", index),
                    f"no agent holds a tag of {category!r}",
                    suggest(category, used),
                )

    def _set(self, agents: Iterable[str]) -> int:
        """
        Return a set of agents as an integer.
        """
        cells = bytearray(len(self.bits) // 8 + 1)
        for agent in agents:
            index = self.bits[agent]
            cells[index >> 3] |= 1 << (index & 7)
        return int.from_bytes(cells, "little")


def _holders(raw: RawPlan) -> dict[str, dict[str, int]]:
    """
    Return who holds each tag, by id with the highest level held.
    """
    holders: dict[str, dict[str, int]] = {}
    for agent, table in raw.agents.items():
        for text in table.tags:
            if text != WILDCARD:
                tag, level = parse_held(text)
                levels = holders.setdefault(tag, {})
                levels[agent] = max(level, levels.get(agent, 0))
    return holders


def _doubt(code: str, path: Path, message: str, hint: str) -> Fault:
    return Fault(severity="warning", code=code, message=message, path=path, hint=hint)
