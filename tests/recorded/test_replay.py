"""A recorded day again: the same plan changes nothing, another what it should."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from skillroute import events
from skillroute.cli import commands
from skillroute.driver import Router
from skillroute.journal import open_journal
from skillroute.plan import Plan, parse_plan, starter_plan
from skillroute.recorded import (
    Comparison,
    Day,
    PatienceBook,
    compare_days,
    explain_parting,
    read_day,
    rerun_day,
)
from skillroute.simulation import default_start_ms
from tests.driver.rig import PLAN, Rig, arrival
from tests.recorded.days import record_day

BUSY = """
[site]
name = "busy"

[queues.sales]
agents = ["anna", "bert"]
ring_s = 10
wrap_up_s = 20
max_wait_s = 120
overflow = "voicemail:desk"

[queues.late]
ring_s = 10
on_round_end = "overflow"
overflow = "number:+12025550150"

[agents.anna]
tags = ["dept:sales"]

[agents.bert]
tags = ["dept:sales", "lang:pl"]

[agents.carl]
tags = ["dept:late"]

[voicemail.desk]

[numbers."+12025550101"]
queue = "sales"

[numbers."+12025550102"]
queue = "late"
needs = ["dept:late"]
"""


@pytest.fixture(scope="module")
def busy() -> Plan:
    """Give a plan with too few agents, so that all that can happen does."""
    return parse_plan(BUSY)


@pytest.fixture(scope="module")
def busy_journal(busy: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the journal of such a day."""
    path = tmp_path_factory.mktemp("busy") / "site.journal"
    record_day(path, busy, calls=150, start_ms=default_start_ms(busy), seed=7)
    return path


@pytest.fixture(scope="module")
def busy_day(busy_journal: Path) -> Day:
    """Give what it tells of the world."""
    return read(busy_journal)


def read(path: Path) -> Day:
    """Read a day."""
    with open_journal(path, read_only=True) as journal:
        return read_day(journal)


def other(text: str, was: str, now: str) -> bytes:
    """Compile a plan in which something is another."""
    assert was in text
    return parse_plan(text.replace(was, now)).compiled


def compared(day: Day, plan: bytes) -> Comparison:
    """Compare a day with the same under a plan."""
    again = rerun_day(day, plan)
    return compare_days(day.fates, again.fates, threshold_ms=20_000)


def test_the_day_has_all_that_can_happen(busy_day: Day) -> None:
    """A quiet day would prove nothing."""
    outcomes = {fate.outcome for fate in busy_day.fates.fates.values()}
    assert {"answered", "abandoned", "voicemail", "forwarded"} <= outcomes
    assert len(busy_day.missed) > 10
    assert busy_day.withdrawn_ms
    kinds = {kind for kind, *_ in busy_day.answers}
    assert {"OfferCall", "Talk", "CancelOffer", "ReleaseLeg", "BridgeCall"} <= kinds


def test_the_same_plan_changes_nothing(busy_day: Day) -> None:
    """Not a second, not an agent: else no difference could be believed."""
    again = rerun_day(busy_day, busy_day.plan)
    assert busy_day.fates.steps == again.fates.steps
    assert busy_day.fates.fates == again.fates.fates
    result = compared(busy_day, busy_day.plan)
    assert () == result.changes
    assert result.parting is None
    assert result.was == result.now


def test_the_same_plan_changes_nothing_of_the_starter_day(day: Path) -> None:
    """Nor under another plan's day."""
    recorded = read(day)
    assert () == compared(recorded, recorded.plan).changes


def test_every_backend_replays_alike(busy_day: Day, backend_name: str) -> None:
    """A planner may have no compiled core."""
    plan = other(BUSY, "ring_s = 10\nwrap_up_s = 20", "ring_s = 5\nwrap_up_s = 20")
    again = rerun_day(busy_day, plan, backend=backend_name)
    assert rerun_day(busy_day, plan).fates.steps == again.fates.steps


def test_a_shorter_ring_misses_who_answered_late(busy_day: Day) -> None:
    """It changes what it should, and names the calls."""
    plan = other(BUSY, "ring_s = 10\nwrap_up_s = 20", "ring_s = 5\nwrap_up_s = 20")
    result = compared(busy_day, plan)
    slow = {
        call
        for (kind, call, _, _), answers in busy_day.answers.items()
        if kind == "OfferCall"
        and isinstance(answers[0].event, events.OfferAccepted)
        and answers[0].after_ms >= 5_000
        and busy_day.fates.fates[call].queue == "sales"
    }
    changed = {change.was.call for change in result.changes}
    assert slow
    assert slow <= changed
    assert result.parting is not None
    assert "ring_timeout" in result.parting.now
    assert "" == result.parting.was
    first = busy_day.fates.fates[result.parting.call]
    rang_ms = result.parting.at_ms - 5_000
    assert rang_ms >= first.arrived_ms


def test_a_longer_ring_changes_no_answer(busy_day: Day) -> None:
    """Whoever missed a call misses it however long it rings: so the page says."""
    plan = other(BUSY, "ring_s = 10\nwrap_up_s = 20", "ring_s = 14\nwrap_up_s = 20")
    again = rerun_day(busy_day, plan).fates
    missed = [
        (call, agent)
        for kind, call, agent, times in busy_day.missed
        if kind == "OfferCall" and times == 0
    ]
    assert missed
    for call, agent in missed:
        offers = [s for s in again.steps if s.call == call]
        assert f"stops ringing {agent} (offer_accepted)" not in [s.what for s in offers]
    result = compare_days(busy_day.fates, again, threshold_ms=20_000)
    assert result.changes


def test_one_more_agent_answers_more(busy_day: Day) -> None:
    """What a planner asks."""
    text = BUSY.replace(
        'agents = ["anna", "bert"]', 'agents = ["anna", "bert", "dora", "emil"]'
    )
    text += (
        '[agents.dora]\ntags = ["dept:sales"]\n[agents.emil]\ntags = ["dept:sales"]\n'
    )
    result = compared(busy_day, parse_plan(text).compiled)
    assert result.now.answered > result.was.answered
    assert result.now.abandoned < result.was.abandoned
    assert result.now.offered == result.was.offered
    assert "dora" in {change.now.agent for change in result.changes}


def test_conversations_take_as_long_as_they_took(busy_day: Day) -> None:
    """Whoever answers."""
    text = BUSY.replace('agents = ["anna", "bert"]', 'agents = ["dora", "emil"]')
    text += (
        '[agents.dora]\ntags = ["dept:sales"]\n[agents.emil]\ntags = ["dept:sales"]\n'
    )
    again = rerun_day(busy_day, parse_plan(text).compiled)
    lengths = {
        call: answers[0].after_ms
        for (kind, call, _, _), answers in busy_day.answers.items()
        if kind == "Talk"
    }
    ends = {s.call: s.at_ms for s in again.fates.steps if s.what == "ends: answered"}
    counted = 0
    for call, fate in again.fates.fates.items():
        if fate.agent in ("dora", "emil") and call in lengths:
            counted += 1
            assert lengths[call] == ends[call] - fate.arrived_ms - fate.wait_ms
    assert counted > 20


def test_the_first_difference_is_explained(busy_day: Day) -> None:
    """Under both plans, at that instant, with the call as it was."""
    plan = other(BUSY, 'tags = ["dept:sales", "lang:pl"]', 'tags = ["dept:sales"]')
    result = compared(busy_day, plan)
    parting = result.parting
    assert parting is not None
    assert parting.was.startswith("rings")
    assert parting.now.startswith("rings")
    was, now = explain_parting(busy_day, (busy_day.plan, plan), parting)
    assert was is not None
    assert now is not None
    assert f"rings {was.chosen}" == parting.was
    assert f"rings {now.chosen}" == parting.now
    assert parting.at_ms == was.now_ms == now.now_ms


def test_callers_who_were_answered_have_a_limit(busy_day: Day) -> None:
    """With nobody to answer, those who are like the others give up like the others."""
    text = BUSY.replace('agents = ["anna", "bert"]', 'agents = ["zoe"]')
    text = text.replace("max_wait_s = 120", "max_wait_s = 3600")
    text += '[agents.zoe]\nlogin = "manual"\n'
    plan = parse_plan(text).compiled
    estimated = rerun_day(busy_day, plan).fates
    endless = rerun_day(busy_day, plan, patience="endless").fates
    gave_up = [
        sum(fate.outcome == "abandoned" for fate in fates.fates.values())
        for fates in (estimated, endless)
    ]
    assert gave_up[0] > gave_up[1]
    for call, fate in busy_day.fates.fates.items():
        again = estimated.fates[call]
        if fate.agent and again.outcome == "abandoned":
            assert again.wait_ms > fate.wait_ms


def test_patience_is_estimated_as_in_the_books() -> None:
    """Two of four give up after 10 and 30 s, two were answered after 20 and 40 s."""
    book = PatienceBook({"a": 10_000, "b": 30_000}, {"c": 20_000, "d": 40_000})
    # 3/4 are left after 10 s; after 30 s half of these, as two are known to be there.
    drawn = [book.drawn_ms(f"call-{n}", 0) for n in range(4000)]
    assert pytest.approx(0.25, abs=0.03) == drawn.count(10_000) / 4000
    assert pytest.approx(0.375, abs=0.03) == drawn.count(30_000) / 4000
    later = [book.drawn_ms(f"call-{n}", 20_000) for n in range(4000)]
    assert {30_000, None} == set(later)
    assert pytest.approx(0.5, abs=0.03) == later.count(30_000) / 4000
    assert book.drawn_ms("x", 30_000) is None
    assert book.drawn_ms("x", 20_000) == book.drawn_ms("x", 20_000)


def test_what_agents_do_by_themselves_is_done_again(tmp_path: Path) -> None:
    """Log-ins and pauses come when they came."""
    path = tmp_path / "site.journal"
    rig = Rig(path)
    rig.connect()
    rig.commit()
    rig.tell(events.AgentPaused(agent="anna", reason="lunch"))
    rig.sleep(2_000)
    rig.tell(arrival("c1"))
    rig.sleep(3_000)
    rig.tell(events.OfferAccepted(offer=1))
    rig.tell(events.CallConnected(offer=1))
    rig.sleep(60_000)
    rig.tell(events.AgentHungUp(offer=1))
    rig.commit()
    rig.journal.close()
    day = read(path)
    assert 1 == len(day.site)
    assert "bert" == day.fates.fates["c1"].agent
    assert () == compared(day, PLAN.compiled).changes


def test_a_gap_is_left_out_and_counted(tmp_path: Path) -> None:
    """The router's own absence is no part of the day."""
    path = tmp_path / "site.journal"
    for wall_ms in (0, 600_000):
        rig = Rig(path, wall_ms=1_795_000_000_000 + wall_ms)
        rig.connect()
        rig.tell(arrival(f"c{wall_ms}"))
        rig.tell(events.CallerHungUp(call=f"c{wall_ms}"))
        rig.commit()
        rig.journal.close()
    assert 1 == read(path).left_out["Gap"]


def run(*words: str) -> tuple[int, str]:
    """Run a command; return its exit code and what it printed."""
    result = CliRunner().invoke(commands, words)
    return result.exit_code, result.output


def test_the_command_sets_both_days_side_by_side(day: Path, tmp_path: Path) -> None:
    """As a planner reads it."""
    plan = tmp_path / "plan.toml"
    plan.write_text(starter_plan(), "utf-8")
    code, text = run("replay", str(day), "--plan", str(plan))
    assert 0 == code
    assert "No call changed." in text
    plan.write_text(starter_plan().replace("ring_s = 12", "ring_s = 6"), "utf-8")
    code, text = run("replay", str(day), "--plan", str(plan), "--limit", "3")
    assert 0 == code
    assert "of 100 calls changed" in text
    assert "The first difference: at 2024-01-15" in text
    assert "stops ringing" in text
    assert "gets the call" in text


def test_the_command_says_it_to_programs(day: Path, tmp_path: Path) -> None:
    """Each changed call, with what it was."""
    plan = tmp_path / "plan.toml"
    plan.write_text(starter_plan().replace("ring_s = 12", "ring_s = 6"), "utf-8")
    code, text = run("replay", str(day), "--plan", str(plan), "--json")
    answer = json.loads(text)
    assert 0 == code
    assert 100 == answer["was"]["offered"] == answer["now"]["offered"]
    assert answer["changed"]
    for change in answer["changed"]:
        assert change["kinds"]
        assert change["was"] != change["now"]
    assert {"at_ms", "call", "was", "now"} <= answer["parting"].keys()


def test_what_is_left_out_is_told_and_what_it_means(tmp_path: Path) -> None:
    """A call that a gap cut is no fault of the other plan."""
    path, file = tmp_path / "site.journal", tmp_path / "plan.toml"
    for wall_ms in (0, 600_000):
        rig = Rig(path, wall_ms=1_795_000_000_000 + wall_ms)
        rig.connect()
        rig.tell(arrival(f"c{wall_ms}"))
        rig.commit()
        rig.journal.close()
    other = "[numbers.'+12025550199']\nqueue = 'q'\n"
    file.write_text(f"[site]\nname = 's'\n[queues.q]\n[agents.a]\n{other}", "utf-8")
    result = CliRunner().invoke(commands, ["replay", str(path), "--plan", str(file)])
    assert 0 == result.exit_code
    assert "note: 1 gap in the record, in which the router" in result.stderr
    assert "does not have the numbers that 2 calls dialled: +" in result.stderr
    answer = CliRunner().invoke(
        commands, ["replay", str(path), "--plan", str(file), "--json"]
    )
    assert {"gaps": 1, "reloads": 0} == json.loads(answer.stdout)["left_out"]
    _, told = run("explain", "--journal", str(path), "--call", "c0")
    assert "the router is back, after it was away for 10 min\n" in told


def test_a_journal_without_calls_is_answered_with_2(tmp_path: Path) -> None:
    """There is nothing to compare."""
    path, plan = tmp_path / "site.journal", tmp_path / "plan.toml"
    plan.write_text(starter_plan(), "utf-8")

    async def opened() -> None:
        async with Router(plan, host={}, journal=path):
            await asyncio.sleep(0)

    asyncio.run(opened())
    code, text = run("replay", str(path), "--plan", str(plan))
    assert 2 == code
    assert "no call has come" in text
