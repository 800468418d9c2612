"""Staffing: agents who stand in for others, and the search for how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillroute.plan import parse_plan
from skillroute.plan.compiled import decode
from skillroute.simulation import (
    RawStaffingGroup,
    Scenario,
    agents_for,
    find_staffing,
    load_scenario,
    staffed_plan,
)

PLAN = """\
[site]
name = "s"
[teams.desk]
agents = ["anna", "bert"]
[agents.anna]
tags = ["dept:sales"]
[agents.bert]
tags = ["dept:help"]
[agents.boss]
[queues.sales]
needs = ["dept:sales"]
agents = ["anna"]
exclude = ["bert"]
[queues.help]
needs = ["dept:help"]
teams = ["desk"]
[[queues.help.members]]
agents = ["bert"]
delay_s = 5
[[queues.help.steps]]
after_s = 30
agents = ["anna"]
[numbers."+12025550100"]
queue = "sales"
prefer_agents = ["anna", "boss"]
[numbers."+12025550101"]
queue = "help"
"""
LINE = """\
[site]
name = "s"
[agents.anna]
[queues.all]
[numbers."+12025550100"]
queue = "all"
"""
HOUR = """\
plan = "plan.toml"
length_s = 7200
warm_up_s = 600
replications = 8
[calls.all]
per_h = [{rate}]
handling = {{mean_s = 180}}
patience = {{mean_s = 300}}
[staffing]
target_percent = {target}
[staffing.groups.people]
like = "anna"
most = {most}
"""


def group(like: str) -> RawStaffingGroup:
    """Describe a group."""
    return RawStaffingGroup(like=like)


def hour(folder: Path, *, rate: int = 60, target: int = 80, most: int = 20) -> Scenario:
    """Give two hours of one line."""
    (folder / "plan.toml").write_text(LINE, "utf-8")
    file = folder / "hour.scenario.toml"
    file.write_text(HOUR.format(rate=rate, target=target, most=most), "utf-8")
    return load_scenario(file)


def test_agents_stand_in_wherever_one_was_named() -> None:
    """A team, a step or a number that still named the one would be lost."""
    groups = {"sell": group("anna"), "help": group("bert")}
    plan = staffed_plan(parse_plan(PLAN), groups, {"sell": 2, "help": 1})
    raw = plan.raw
    assert ("sell-1", "sell-2", "help-1") == raw.teams["desk"].agents
    assert ["sell-1", "sell-2", "help-1", "boss"] == list(raw.agents)
    assert ("sell-1", "sell-2") == raw.queues["sales"].agents
    assert ("help-1",) == raw.queues["sales"].exclude
    assert ("help-1",) == raw.queues["help"].members[0].agents
    assert ("sell-1", "sell-2") == raw.queues["help"].steps[0].agents
    number = raw.numbers["+12025550100"]
    assert ("sell-1", "sell-2", "boss") == number.prefer_agents
    assert ("dept:sales",) == raw.agents["sell-2"].tags


def test_without_its_only_agent_a_queue_is_served_by_nobody() -> None:
    """An empty list of agents would mean everybody."""
    plan = staffed_plan(parse_plan(PLAN), {"sell": group("anna")}, {"sell": 0})
    [sales] = [q for q in decode(plan.compiled).queues if q.name == "sales"]
    assert () == sales.members


def test_the_search_ends_where_one_less_is_too_few(tmp_path: Path) -> None:
    """It starts from Erlang's number, which for one line is nearly right."""
    found = find_staffing(hour(tmp_path))
    assert {"people": agents_for(0.8, 60 / 3600, 180, 300, 20)} == found.start
    assert found.best is not None
    best = found.best.counts["people"]
    assert abs(best - found.start["people"]) <= 1
    by_count = {point.counts["people"]: point for point in found.points}
    assert by_count[best].reached
    assert not by_count[best - 1].reached
    hours = (7200 - 600) / 3600
    assert best * hours == pytest.approx(found.best.hours)
    # The same callers at every point: more agents never do worse.
    levels = [by_count[count].levels["all"].value or 0.0 for count in sorted(by_count)]
    assert sorted(levels) == levels


def test_what_cannot_be_reached_is_said(tmp_path: Path) -> None:
    """The limits of the groups are kept, and no number is made up."""
    found = find_staffing(hour(tmp_path, most=2))
    assert found.best is None
    assert not any(point.reached for point in found.points)
    assert max(point.counts["people"] for point in found.points) == 2
