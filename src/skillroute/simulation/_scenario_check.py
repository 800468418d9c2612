"""
What is wrong with a scenario that its form does not show: names, files, combinations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import TypeAlias

from ..numbers import resolve
from ..plan import Fault, Path, Plan, dotted, suggest
from ._calls_csv import read_need
from ._scenario_files import FileProblemError, ScenarioFiles
from ._scenario_model import (
    RawBehaviour,
    RawCalls,
    RawDistribution,
    RawScenario,
)

__all__ = ["find_faults", "minutes_of_break"]

DAY_S = 86_400
_MINUTES_OF_DAY = 24 * 60
_BREAK = re.compile(r"(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)")
# The keys that each family needs, and those that it may have.
_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "exponential": (("mean_s",), ()),
    "log_normal": (("mean_s", "sd_s"), ()),
    "gamma": (("mean_s", "sd_s"), ()),
    "uniform": (("most_s",), ("least_s",)),
    "sample": (("file",), ("column",)),
}
_OWN_KEYS = ("mean_s", "sd_s", "least_s", "most_s", "file")

Faults: TypeAlias = Iterator[Fault]


def minutes_of_break(text: str) -> tuple[int, int] | None:
    """
    Read a break such as ``12:00-12:30``.

    Returns:
        Its minutes since midnight, [start, end); None: it is none.
    """
    found = _BREAK.fullmatch(text.strip())
    if found is None:
        return None
    start, end = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
    return (start, end) if start < end <= _MINUTES_OF_DAY else None


def find_faults(
    raw: RawScenario, plan: Plan, files: ScenarioFiles, *, is_own: bool
) -> Faults:
    """
    Find everything that is wrong with a scenario of the right form.

    Args:
        raw: The scenario.
        plan: What it is played under.
        files: What stands beside it.
        is_own: Whether it is the plan that the scenario names; another one may lack
            some of its agents and teams, which are passed over.

    Yields:
        Faults, with the paths of what is wrong.

    Cost: linear in the scenario and in its files.
    """
    yield from _whole(raw)
    for name, calls in raw.calls.items():
        yield from _Calls(raw, plan, files, ("calls", name), calls).faults()
    yield from _replay(raw, files)
    members: dict[str, str] = {}
    yield from _behaviour(raw, files, ("agents",), raw.agents)
    if raw.agents.agents or raw.agents.teams:
        key = "agents" if raw.agents.agents else "teams"
        yield _fault(
            "key_unused",
            ("agents", key),
            "names agents, but [agents] is for all who are in no group",
            "write [groups.<name>]",
            on_key=True,
        )
    for name, group in raw.groups.items():
        path = ("groups", name)
        if is_own:
            yield from _members(plan, path, group, members)
        yield from _behaviour(raw, files, path, group)
    if is_own:
        yield from _staffing(raw, plan)


def _whole(raw: RawScenario) -> Faults:
    if not raw.calls and raw.replay is None:
        yield _fault(
            "no_calls", (), "has no calls", "write [calls.<name>], or replay = {...}"
        )
    if raw.warm_up_s >= raw.length_s:
        yield _fault(
            "warm_up_too_long",
            ("warm_up_s",),
            f"is {raw.warm_up_s:g} of {raw.length_s:g} s: nothing would be counted",
            "make length_s longer",
        )
    if raw.start is not None and not _is_time(raw.start):
        hint = "write 2024-01-15T08:00"
        yield _fault("start_malformed", ("start",), f"is {raw.start!r}, no time", hint)
    if raw.length_s > DAY_S and DAY_S % raw.interval_s:
        hint = "such as 900, 1800 or 3600"
        yield _fault("interval_uneven", ("interval_s",), "does not divide a day", hint)
    limits = raw.thresholds_s
    if not limits or any(low >= high for low, high in pairwise(limits)):
        hint = "such as [20] or [20, 60]"
        yield _fault("thresholds_unsorted", ("thresholds_s",), "do not ascend", hint)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


class _Calls:
    """
    Calls of one kind.
    """

    def __init__(
        self,
        raw: RawScenario,
        plan: Plan,
        files: ScenarioFiles,
        path: Path,
        calls: RawCalls,
    ) -> None:
        self.raw, self.plan, self.files = raw, plan, files
        self.path, self.calls = path, calls

    def faults(self) -> Faults:
        """
        Yield what is wrong with them.
        """
        yield from self._arrivals()
        yield from self._names()
        calls = self.calls
        retry = calls.retry
        lengths = {
            ("handling",): calls.handling,
            ("patience",): calls.patience,
            ("menu",): calls.menu,
            ("retry", "after"): None if retry is None else retry.after,
        }
        for keys, length in lengths.items():
            yield from _length((*self.path, *keys), length, self.files)

    def _names(self) -> Faults:
        calls, numbers = self.calls, self.plan.raw.numbers
        if calls.number is not None:
            # However people write them.
            ours = {resolve(self.plan, number).number for number in numbers}
            if resolve(self.plan, calls.number).number not in ours:
                yield _unknown((*self.path, "number"), calls.number, "number", numbers)
        for index, need in enumerate(calls.needs):
            if read_need(need) is None:
                path = (*self.path, "needs", index)
                hint = "write lang:pl or lang:pl>=60"
                yield _fault("tag_malformed", path, f"is {need!r}, no tag", hint)
        if calls.factor is not None and calls.factor not in self.raw.factors:
            path = (*self.path, "factor")
            yield _unknown(path, calls.factor, "factor", self.raw.factors)

    def _arrivals(self) -> Faults:
        calls, path = self.calls, self.path
        ways = {
            "per_h": bool(calls.per_h),
            "counts": bool(calls.counts),
            "counts_from": calls.counts_from is not None,
        }
        given = [key for key, there in ways.items() if there]
        if not given:
            hint = "such as per_h = [60]"
            yield _fault("no_arrivals", path, "says not how many calls come", hint)
        for key in given[1:]:
            what = f"and {given[0]} both say how many calls come"
            where = (*path, key)
            yield _fault("arrivals_twice", where, what, "remove one", on_key=True)
        if calls.factor is not None and "per_h" not in given:
            where = (*path, "factor")
            what = "is of no use: counts are not multiplied"
            yield _fault("key_unused", where, what, "use per_h", on_key=True)
        count = len(calls.per_h) or len(calls.counts)
        if calls.counts_from is not None:
            where = (*path, "counts_from")
            column = calls.counts_column
            yield from _read(
                where, lambda: self.files.numbers(str(calls.counts_from), column)
            )
        elif calls.daily and count > 1 and count * calls.every_s > DAY_S:
            what = f"has {count} times {calls.every_s:g} s, more than a day"
            yield _fault("day_too_long", (*path, given[0]), what, "use fewer")


def _replay(raw: RawScenario, files: ScenarioFiles) -> Faults:
    replay = raw.replay
    if replay is not None:
        path: Path = ("replay", "calls")
        yield from _read(path, lambda: files.calls(replay.calls))
        yield from _length(("replay", "handling"), replay.handling, files)


def _behaviour(
    raw: RawScenario, files: ScenarioFiles, path: Path, group: RawBehaviour
) -> Faults:
    if group.answer_percent + group.decline_percent > 100:
        where = (*path, "answer_percent")
        what = "and decline_percent are more than 100"
        hint = f"answer_percent = {100 - group.decline_percent:g}"
        yield _fault("percent_too_high", where, what, hint)
    for index, text in enumerate(group.breaks):
        if minutes_of_break(text) is None:
            where = (*path, "breaks", index)
            hint = "such as 12:00-12:30, within one day"
            yield _fault("break_malformed", where, f"is {text!r}, no break", hint)
    for key in ("answer_after", "connect", "wrap_up"):
        yield from _length((*path, key), getattr(group, key), files)
    for kind, length in group.handling.items():
        where = (*path, "handling", kind)
        if kind not in raw.calls:
            yield _unknown(where, kind, "kind of calls", raw.calls, on_key=True)
        yield from _length(where, length, files)


def _members(
    plan: Plan, path: Path, group: RawBehaviour, members: dict[str, str]
) -> Faults:
    agents, teams = plan.raw.agents, plan.raw.teams
    for index, agent in enumerate(group.agents):
        where = (*path, "agents", index)
        if agent not in agents:
            yield _unknown(where, agent, "agent", agents)
        elif members.setdefault(agent, str(path[-1])) != str(path[-1]):
            what = f"is {agent!r}, who is in {members[agent]!r} already"
            yield _fault("agent_twice", where, what, "remove one")
    for index, team in enumerate(group.teams):
        where = (*path, "teams", index)
        if team not in teams:
            yield _unknown(where, team, "team", teams)
            continue
        for agent in teams[team].agents:
            if members.setdefault(agent, str(path[-1])) != str(path[-1]):
                what = f"has {agent!r}, who is in {members[agent]!r} already"
                yield _fault("agent_twice", where, what, "name agents one by one")


def _staffing(raw: RawScenario, plan: Plan) -> Faults:
    if raw.staffing is None:
        return
    for name, group in raw.staffing.groups.items():
        path = ("staffing", "groups", name)
        if group.like not in plan.raw.agents:
            yield _unknown((*path, "like"), group.like, "agent", plan.raw.agents)
        if group.least > group.most:
            what = f"is {group.least}, more than most"
            yield _fault("least_above_most", (*path, "least"), what, "")
    if not raw.staffing.groups:
        hint = "write [staffing.groups.<name>]"
        yield _fault("no_groups", ("staffing", "groups"), "has no group", hint)


def _length(
    path: Path, length: float | RawDistribution | None, files: ScenarioFiles
) -> Faults:
    if not isinstance(length, RawDistribution):
        return
    needed, optional = _KEYS[length.kind]
    usable = {*needed, *optional}
    for needful in needed:
        if getattr(length, needful) is None:
            what = f"is {length.kind!r} and needs the key {needful!r}"
            yield _fault("missing_key", path, what, "")
    for key in _OWN_KEYS:
        if getattr(length, key) is not None and key not in usable:
            what = f"is of no use: the kind is {length.kind!r}"
            hint = f"it has {', '.join(sorted(usable))}"
            yield _fault("key_unused", (*path, key), what, hint, on_key=True)
    yield from _shape(path, length)
    if length.kind == "sample" and length.file is not None:
        file = length.file
        where = (*path, "file")
        yield from _read(where, lambda: files.numbers(file, length.column))


def _shape(path: Path, length: RawDistribution) -> Faults:
    mean_s, sd_s = length.mean_s, length.sd_s
    if length.kind in ("log_normal", "gamma") and mean_s and sd_s is not None:
        if not mean_s / 100 <= sd_s <= 10 * mean_s:
            what = f"is {sd_s:g}, not a hundredth to ten times the mean"
            hint = f"write the plain number {mean_s:g} for one that is always the same"
            yield _fault("sd_out_of_range", (*path, "sd_s"), what, hint)
    elif length.kind in ("log_normal", "gamma") and mean_s == 0:
        yield _fault("mean_is_zero", (*path, "mean_s"), "is 0", "write the number 0")
    if length.kind == "uniform" and length.most_s is not None:
        least_s = length.least_s or 0
        if least_s > length.most_s:
            what = f"is {least_s:g}, more than most_s"
            yield _fault("least_above_most", (*path, "least_s"), what, "")


def _read(path: Path, read: Callable[[], object]) -> Faults:
    try:
        read()
    except FileProblemError as error:
        yield Fault(code=error.code, message=f"{dotted(path)}: {error}", path=path)


def _unknown(
    path: Path, name: str, what: str, known: Collection[str], *, on_key: bool = False
) -> Fault:
    code = f"unknown_{what.rpartition(' ')[2] if what != 'kind of calls' else 'calls'}"
    hint = suggest(name, known)
    words = f"is {name!r}, and there is no such {what}"
    return _fault(code, path, words, hint, on_key=on_key)


def _fault(
    code: str, path: Path, what: str, hint: str, *, on_key: bool = False
) -> Fault:
    where = dotted(path) if path else "the scenario"
    return Fault(
        code=code, message=f"{where} {what}", path=path, hint=hint, on_key=on_key
    )
