"""
Finds what is wrong with the names and texts of a plan whose form is right.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from ..errors import PlanError
from ..numbers import parse_party
from ._destinations import find_lost
from ._hours import overlapping, parse_weekly
from ._problems import Fault, Path, Severity, fault_from, suggest
from ._tags import (
    DEFAULT_CATEGORY,
    TEAM,
    WILDCARD,
    category_of,
    parse_dropped,
    parse_held,
    parse_needed,
    parse_plain,
)
from ._zones import zone_names
from .model_types import CATEGORY_PATTERN, ID_PATTERN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from .model import (
        RawAgent,
        RawEndpoint,
        RawNumber,
        RawPlan,
        RawQueue,
        RawSchedule,
        RawStep,
    )

__all__ = ["find_faults"]

_T = TypeVar("_T")
_ID = re.compile(ID_PATTERN.removesuffix("$"))
_CATEGORY = re.compile(CATEGORY_PATTERN.removesuffix("$"))
_COUNTRY_CODE = re.compile(r"[1-9][0-9]{0,2}")
_CONFIRM = re.compile(r"[0-9*#]")
_NATIONAL_PREFIX = re.compile(r"[0-9]{1,4}")


def find_faults(raw: RawPlan) -> list[Fault]:
    """
    Find everything that keeps a plan from being compiled, and what is odd beside it.

    Args:
        raw: The plan, with the agents of its agents file.

    Returns:
        Errors and warnings, in no particular order; without errors among them
        ``compile_checked`` cannot fail.

    Cost: linear in the plan.
    """
    check = _Check(raw)
    check.site()
    check.names()
    for name, schedule in raw.schedules.items():
        check.schedule(("schedules", name), schedule)
    for name, team in raw.teams.items():
        check.known(("teams", name, "agents"), team.agents, "agent", raw.agents)
    for name, agent in raw.agents.items():
        check.agent(("agents", name), agent)
    for name, queue in raw.queues.items():
        check.queue(("queues", name), queue)
    check.numbers()
    return [*check.faults, *find_lost(raw)]


class _Check:
    """
    One check of a plan, gathering faults.
    """

    def __init__(self, raw: RawPlan) -> None:
        self.raw = raw
        self.single = frozenset(raw.site.single)
        self.numbers_of: dict[str, list[RawNumber]] = {}
        for number in raw.numbers.values():
            self.numbers_of.setdefault(number.queue, []).append(number)
        self.faults: list[Fault] = []
        self.held: dict[str, str] = {WILDCARD: WILDCARD}
        """Tags as agents wrote them that could be read, and what they mean."""

    def site(self) -> None:
        """
        Check ``[site]``.
        """
        site = self.raw.site
        self._id(("site", "name"), site.name, on_key=False)
        self._zone(("site", "zone"), site.zone)
        self._categories(("site", "single"), site.single)
        self._categories(("site", "uncounted"), site.uncounted)
        for index, text in enumerate(site.never_relax):
            self._parsed(parse_plain, text, ("site", "never_relax", index))
        code, prefix = site.country_code, site.national_prefix
        if code and not _COUNTRY_CODE.fullmatch(code):
            self._add(
                "country_code_malformed",
                ("site", "country_code"),
                f"{code!r} is no calling code",
                "write 1 to 3 digits without '+', such as \"7\"",
            )
        if prefix and not _NATIONAL_PREFIX.fullmatch(prefix):
            self._add(
                "national_prefix_malformed",
                ("site", "national_prefix"),
                f"{prefix!r} is no prefix",
                'write 1 to 4 digits, such as "8" or "0"',
            )
        elif prefix and not code:
            self._add(
                "national_prefix_alone",
                ("site", "national_prefix"),
                "national_prefix has no effect without country_code",
                'add the calling code, such as country_code = "7"',
            )

    def names(self) -> None:
        """
        Check that what has a name has one that journals and events can carry.
        """
        raw = self.raw
        tables: dict[str, Iterable[str]] = {
            "schedules": raw.schedules,
            "teams": raw.teams,
            "agents": raw.agents,
            "queues": raw.queues,
            "voicemail": raw.voicemail,
        }
        for table, names in tables.items():
            for name in names:
                self._id((table, name), name, on_key=True)

    def schedule(self, path: Path, schedule: RawSchedule) -> None:
        """
        Check one ``[schedules.<name>]``.
        """
        if schedule.zone is not None:
            self._zone((*path, "zone"), schedule.zone)
        earlier: list[tuple[int, int]] = []
        for index, text in enumerate(schedule.weekly):
            place = (*path, "weekly", index)
            intervals = self._parsed(parse_weekly, text, place) or []
            if overlapping([*earlier, *intervals]):
                self._add(
                    "hours_overlap",
                    place,
                    f"some hours of {text!r} are said already",
                    "they count once; remove them from one of the lines",
                    severity="warning",
                )
                intervals = []
            earlier += intervals

    def agent(self, path: Path, agent: RawAgent) -> None:
        """
        Check one ``[agents.<id>]``.
        """
        if agent.schedule is not None:
            schedules = self.raw.schedules
            self._name((*path, "schedule"), agent.schedule, "schedule", schedules)
        # Sites of many agents have few distinct tags: most are known to be right.
        tags = set(map(self.held.get, agent.tags))
        if None in tags or len(tags) < len(agent.tags):
            self._held_tags((*path, "tags"), agent.tags)
        if agent.endpoints:
            self._endpoints((*path, "endpoints"), agent.endpoints)

    def _endpoints(self, path: Path, endpoints: Iterable[str | RawEndpoint]) -> None:
        """
        Check an agent's devices: each once, and each digit a digit.
        """
        seen: dict[str, str] = {}
        for index, endpoint in enumerate(endpoints):
            place = (*path, index)
            if isinstance(endpoint, str):
                self._repeated(place, endpoint, endpoint, seen)
                continue
            address, digit = endpoint.address, endpoint.confirm
            self._repeated((*place, "address"), address, address, seen)
            if digit and not _CONFIRM.fullmatch(digit):
                self._add(
                    "confirm_malformed",
                    (*place, "confirm"),
                    f"{digit!r} is not one digit",
                    'write one of 0 to 9, * and #, such as "1", or "" for none',
                )

    def _held_tags(self, path: Path, tags: Iterable[str]) -> None:
        """
        Check an agent's tags one by one, and remember those that are right.
        """
        seen: dict[str, str] = {}
        for index, text in enumerate(tags):
            place = (*path, index)
            if text == WILDCARD:
                self._repeated(place, text, text, seen)
            elif parsed := self._parsed(parse_held, text, place):
                self.held[text] = parsed[0]
                self._repeated(place, parsed[0], text, seen)

    def queue(self, path: Path, queue: RawQueue) -> None:
        """
        Check one ``[queues.<name>]``.
        """
        required = self.required((*path, "needs"), queue.needs)
        for index, group in enumerate(queue.any_of):
            self._any_of((*path, "any_of", index), group)
        for index, text in enumerate(queue.forbidden):
            place = (*path, "forbidden", index)
            tag = self._parsed(parse_plain, text, place)
            if tag in required and not self._is_dropped(tag, queue, queue.never_relax):
                self._contradiction(place, text)
        for text in queue.prefer:
            self._parsed(parse_plain, text, (*path, "prefer", text), on_key=True)
        self.known((*path, "agents"), queue.agents, "agent", self.raw.agents)
        self.known((*path, "teams"), queue.teams, "team", self.raw.teams)
        self._never_relax((*path, "never_relax"), queue.never_relax, required)
        self._members((*path, "members"), queue)
        self._steps((*path, "steps"), queue)
        self._order((*path, "order"), queue)
        self.known((*path, "exclude"), queue.exclude, "agent", self.raw.agents)

    def _never_relax(
        self, path: Path, tags: Iterable[str], required: Collection[str]
    ) -> None:
        """
        Check that what no step may drop is required where that is said.
        """
        for index, text in enumerate(tags):
            tag = self._parsed(parse_plain, text, (*path, index))
            if tag is not None and tag not in required:
                self._add(
                    "never_relax_unused",
                    (*path, index),
                    f"{text!r} is not among the needs here",
                    suggest(tag, required) or "add it to needs, or to site.never_relax",
                )

    def _members(self, path: Path, queue: RawQueue) -> None:
        """
        Check ``[[queues.<name>.members]]``.
        """
        named: dict[str, str] = {}
        for index, members in enumerate(queue.members):
            place = (*path, index)
            self.known((*place, "agents"), members.agents, "agent", self.raw.agents)
            self.known((*place, "teams"), members.teams, "team", self.raw.teams)
            for number, agent in enumerate(members.agents):
                self._repeated((*place, "agents", number), agent, agent, named)

    def _steps(self, path: Path, queue: RawQueue) -> None:
        """
        Check ``[[queues.<name>.steps]]``: in order, and of known names.
        """
        before_s = 0.0
        fixed = self._fixed(queue, self.numbers_of.get(str(path[1]), ()))
        for index, step in enumerate(queue.steps):
            if step.after_s <= before_s:
                self._add(
                    "step_not_later",
                    (*path, index, "after_s"),
                    f"this step begins after {step.after_s:g} s, the one before after"
                    f" {before_s:g} s",
                    "write the steps in the order in which they begin",
                )
            before_s = step.after_s
            self._step((*path, index), step, fixed)

    def _order(self, path: Path, queue: RawQueue) -> None:
        """
        Check that an order is written only where several agents are rung at once.
        """
        strategies = [queue.strategy, *(step.strategy or "" for step in queue.steps)]
        if any(strategy.startswith("ring_") for strategy in strategies):
            return
        orders = [(path, queue.order)]
        orders += [
            ((*path[:-1], "steps", index, "order"), step.order)
            for index, step in enumerate(queue.steps)
        ]
        for place, order in orders:
            if order is not None:
                self._add(
                    "order_unused",
                    place,
                    f"the order {order!r} is of no use: no strategy here rings several"
                    " agents at once",
                    f'write strategy = "{order}", or ring_all or ring_progressively',
                )

    def _fixed(self, queue: RawQueue, numbers: Iterable[RawNumber]) -> set[str]:
        """
        Return the tags that no step of a queue may name.

        What only some of its numbers fix may be dropped for the calls of others.
        """
        numbers = tuple(numbers)
        fixed = _readable((*self.raw.site.never_relax, *queue.never_relax))
        free = _asked(queue.needs)
        for number in numbers:
            free |= _asked(number.needs) - _readable(number.never_relax)
        by_numbers = (_readable(number.never_relax) for number in numbers)
        return fixed.union(*by_numbers) - (free - fixed)

    def _step(self, path: Path, step: RawStep, fixed: Collection[str]) -> None:
        self.known((*path, "agents"), step.agents, "agent", self.raw.agents)
        self.known((*path, "teams"), step.teams, "team", self.raw.teams)
        for number, text in enumerate(step.drop):
            dropped = self._parsed(parse_dropped, text, (*path, "drop", number))
            if dropped is not None and not dropped[1] and dropped[0] in fixed:
                self._relaxed((*path, "drop", number), text, "dropped")
        for text in step.lower:
            place = (*path, "lower", text)
            if self._parsed(parse_plain, text, place, on_key=True) in fixed:
                self._relaxed(place, text, "lowered", on_key=True)
        for text in step.prefer:
            self._parsed(parse_plain, text, (*path, "prefer", text), on_key=True)
        for text, grantees in step.grant.items():
            self._parsed(parse_plain, text, (*path, "grant", text), on_key=True)
            for number, name in enumerate(grantees):
                self._grantee((*path, "grant", text, number), name)

    def _grantee(self, path: Path, name: str) -> None:
        if name.startswith(TEAM):
            self._name(path, name.removeprefix(TEAM), "team", self.raw.teams)
        else:
            self._name(path, name, "agent", self.raw.agents)

    def _relaxed(
        self, path: Path, text: str, done: str, *, on_key: bool = False
    ) -> None:
        self._add(
            "never_relax_broken",
            path,
            f"{text!r} is {done} here, and stands in never_relax",
            "take it out of one of the two",
            on_key=on_key,
        )

    def numbers(self) -> None:
        """
        Check ``[numbers]``: each a number, each once, however it is written.
        """
        site = self.raw.site
        written: dict[str, str] = {}
        for text, number in self.raw.numbers.items():
            path = ("numbers", text)
            party = parse_party(
                text,
                country_code=site.country_code,
                national_prefix=site.national_prefix,
            )
            if party.kind == "anonymous":
                self._number_malformed(path, text)
            elif party.number in written:
                self._duplicate_number(path, party.number, written[party.number])
            written.setdefault(party.number, text)
            self._number(path, number)

    def _number(self, path: Path, number: RawNumber) -> None:
        self._name((*path, "queue"), number.queue, "queue", self.raw.queues)
        required = self.required((*path, "needs"), number.needs)
        self._never_relax((*path, "never_relax"), number.never_relax, required)
        prefer = (*path, "prefer_agents")
        self.known(prefer, number.prefer_agents, "agent", self.raw.agents)
        queue = self.raw.queues.get(number.queue)
        forbidden = queue.forbidden if queue else ()
        for tag in _readable(forbidden) & required.keys():
            if queue and not self._is_dropped(tag, queue, number.never_relax):
                self._contradiction((*path, "needs", required[tag]), tag)

    def _is_dropped(self, tag: str, queue: RawQueue, fixed: Iterable[str]) -> bool:
        """
        Tell whether a step takes away what is forbidden as well (rule 5.1).
        """
        names = {tag, f"{category_of(tag)}:*"}
        found = {text for step in queue.steps for text in step.drop}
        if tag.startswith(f"{DEFAULT_CATEGORY}:"):
            names.add(tag.partition(":")[2])
        every = (*self.raw.site.never_relax, *queue.never_relax, *fixed)
        return not names.isdisjoint(found) and tag not in _readable(every)

    def required(self, path: Path, needs: Iterable[str]) -> dict[str, int]:
        """
        Check required tags of one source; return the index of each tag.
        """
        found: dict[str, int] = {}
        written: dict[str, str] = {}
        categories: dict[str, str] = {}
        for index, text in enumerate(needs):
            place = (*path, index)
            parsed = self._parsed(parse_needed, text, place)
            if parsed is None:
                continue
            tag = parsed[0]
            self._repeated(place, tag, text, written)
            other = categories.setdefault(category_of(tag), tag)
            if other != tag and category_of(tag) in self.single:
                self._single_twice(place, other, tag)
            found.setdefault(tag, index)
        return found

    def known(
        self, path: Path, names: Iterable[str], kind: str, known: Collection[str]
    ) -> None:
        """
        Check a list of names, each of which must exist, once.
        """
        names = tuple(names)
        for index, name in enumerate(names):
            self._name((*path, index), name, kind, known)
        self._repeated_all(path, names)

    def _any_of(self, path: Path, group: tuple[str, ...]) -> None:
        if not group:
            self._add(
                "any_of_empty",
                path,
                "an empty group can be met by nobody",
                "name the tags of which one is enough, or remove the group",
            )
        for index, text in enumerate(group):
            self._parsed(parse_plain, text, (*path, index))

    def _number_malformed(self, path: Path, text: str) -> None:
        digits = re.sub(r"\D", "", text)
        national = len(digits) >= 7 and not text.startswith("+")
        if national and not self.raw.site.country_code:
            hint = f'write "+<country code>{digits}", or set country_code in [site]'
        else:
            hint = 'write it as "+74951234567", 7 to 15 digits'
        self._add("number_malformed", path, f"{text!r} is no number", hint, on_key=True)

    def _duplicate_number(self, path: Path, number: str, first: str) -> None:
        self._add(
            "duplicate_number",
            path,
            f"{number} is in the plan already, written {first!r}",
            "remove one of the two",
            on_key=True,
        )

    def _single_twice(self, path: Path, first: str, second: str) -> None:
        category = category_of(second)
        self._add(
            "single_category_twice",
            path,
            f"a call needs only one tag of {category!r}, and {first!r} stands before"
            f" {second!r}",
            f'keep one, use any_of, or take "{category}" out of site.single',
        )

    def _contradiction(self, path: Path, text: str) -> None:
        self._add(
            "need_forbidden",
            path,
            f"{text!r} is required and forbidden at once",
            "nobody could ever take such a call; remove one of the two",
        )

    def _categories(self, path: Path, categories: Iterable[str]) -> None:
        for index, category in enumerate(categories):
            if not _CATEGORY.fullmatch(category):
                self._add(
                    "category_malformed",
                    (*path, index),
                    f"{category!r} is no category",
                    'write what stands before the colon of a tag, such as "lang"',
                )

    def _zone(self, path: Path, zone: str) -> None:
        if zone not in zone_names():
            hint = suggest(zone, zone_names()) or 'write it as "Europe/Moscow"'
            self._add("unknown_zone", path, f"there is no time zone {zone!r}", hint)

    def _id(self, path: Path, name: str, *, on_key: bool) -> None:
        if not _ID.fullmatch(name):
            self._add(
                "id_malformed",
                path,
                f"{name!r} cannot be a name here",
                "1 to 128 letters a-z, digits and . _ : @ + / - are allowed",
                on_key=on_key,
            )

    def _name(self, path: Path, name: str, kind: str, known: Collection[str]) -> None:
        if name not in known:
            code = f"unknown_{kind.rpartition(' ')[2]}"
            hint = suggest(name, known)
            self._add(code, path, f"there is no {kind} {name!r}", hint)

    def _repeated_all(self, path: Path, texts: Iterable[str]) -> None:
        seen: dict[str, str] = {}
        for index, text in enumerate(texts):
            self._repeated((*path, index), text, text, seen)

    def _repeated(self, path: Path, key: str, text: str, seen: dict[str, str]) -> None:
        """
        Warn if *key* was seen before, and remember it.
        """
        if key in seen:
            self._add(
                "repeated",
                path,
                f"{text!r} repeats {seen[key]!r}",
                "of two levels the higher counts; remove one of the two"
                if text != seen[key]
                else "remove one of the two",
                severity="warning",
            )
        seen.setdefault(key, text)

    def _parsed(
        self,
        parse: Callable[[str], _T],
        text: str,
        path: Path,
        *,
        on_key: bool = False,
    ) -> _T | None:
        """
        Parse a text; None: it cannot be, and that is noted.
        """
        try:
            return parse(text)
        except PlanError as error:
            self.faults.append(fault_from(error, path, on_key=on_key))
            return None

    def _add(
        self,
        code: str,
        path: Path,
        message: str,
        hint: str,
        *,
        on_key: bool = False,
        severity: Severity = "error",
    ) -> None:
        self.faults.append(
            Fault(
                severity=severity,
                code=code,
                message=message,
                path=path,
                on_key=on_key,
                hint=hint,
            )
        )


def _asked(needs: Iterable[str]) -> set[str]:
    """
    Read the tags of needs, leaving out those that cannot be read.
    """
    found = set()
    for text in needs:
        try:
            found.add(parse_needed(text)[0])
        except PlanError:
            continue
    return found


def _readable(tags: Iterable[str]) -> set[str]:
    """
    Read tags, leaving out those that cannot be read.
    """
    found = set()
    for text in tags:
        try:
            found.add(parse_plain(text))
        except PlanError:
            continue
    return found
