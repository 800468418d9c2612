"""Decisions in words and as JSON."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from skillroute.contract import AnyOf, Forbidden, Party, Preferred, Required
from skillroute.decisions import AgentAssumption, AgentVerdict, Decision, ExplainQuery
from skillroute.events import CallArrived
from skillroute.explain import (
    code_words,
    decision_object,
    decision_text,
    offer_reason,
)
from skillroute.plan import Plan, parse_plan, starter_plan
from skillroute.reference import Engine

MONDAY_TEN_MS = 1_705_302_000_000
"""2024-01-15 10:00 in Moscow."""

# Every code of the tests of eligibility (rule 16).
CODES = [
    "host_down",
    "logged_out",
    "paused",
    "paused:lunch",
    "off_shift",
    "wrap_up",
    "ringing",
    "connecting",
    "busy",
    "reserved",
    "wrong_channel",
    "not_in_queue",
    "step_not_reached",
    "delay_not_reached",
    "missing_tag:lang:pl",
    "level_below:lang:pl",
    "no_tag_of:a:b|c:d",
    "forbidden_tag:a:b",
    "declined",
    "already_offered",
    "unreachable",
    "excluded",
    "held_for:anna",
    "ring_limit",
    "not_asked",
]


@pytest.fixture
def starter() -> Plan:
    """Give the plan that beginners get."""
    return parse_plan(starter_plan())


def decide(
    plan: Plan,
    number: str = "+74955550100",
    now_ms: int = MONDAY_TEN_MS,
    needs: tuple[Required | AnyOf | Forbidden | Preferred, ...] = (),
    states: Mapping[str, str] | None = None,
) -> Decision:
    """Decide one arrival on the specification."""
    arrival = CallArrived(
        call="c",
        host="test",
        caller=Party(kind="anonymous", number=""),
        dialled=Party(kind="e164", number=number),
        needs=needs,
    )
    assume = tuple(
        msgspec.convert([agent, *state.split(":")], AgentAssumption)
        for agent, state in (states or {}).items()
    )
    return Engine(plan.compiled).explain(
        ExplainQuery(now_ms=now_ms, arrival=arrival, assume=assume, assume_rested=True)
    )


@pytest.mark.parametrize("code", CODES)
def test_every_reason_has_words(code: str) -> None:
    """People do not read snake_case."""
    words = code_words(code)
    assert "_" not in words
    assert "{" not in words
    assert code != words or code in {"paused", "reserved", "excluded"}


def test_the_summary_says_who_and_why(starter: Plan) -> None:
    """The first line is all that most people read."""
    first = decision_text(decide(starter), starter).splitlines()[0]
    assert "Vera gets the call: fewest tags (2) of 4 free." == first


def test_the_summary_counts_reasons_when_nobody_can(starter: Plan) -> None:
    """Else somebody has to count the rows of the table."""
    everybody = dict.fromkeys(("vera", "anna", "dina", "max"), "paused:lunch")
    text = decision_text(decide(starter, states=everybody), starter)
    assert (
        "Nobody can take the call now. 6 agents: 4 paused, 2 lacking dept:sales."
        == text.splitlines()[0]
    )


def test_every_need_is_shown_with_its_source(starter: Plan) -> None:
    """A need whose source nobody knows cannot be mended."""
    needs = (AnyOf(("x:a", "x:b")), Forbidden("y:a"), Preferred("z:a", 5))
    text = decision_text(decide(starter, needs=needs), starter)
    for line in (
        "dept:sales        from queue sales",
        "lang:ru           from number +74955550100",
        "one of x:a, x:b   from the call itself",
        "not y:a           from the call itself",
        "rather z:a (weight 5)  from the call itself",
    ):
        words = line.split()
        assert any(words == shown.split() for shown in text.splitlines()), line


def test_a_low_level_is_shown_beside_the_level_needed(starter: Plan) -> None:
    """The administrator must see how far off the agent is."""
    text = decision_text(decide(starter, "+12025550100"), starter)
    assert "lang:en at level 50, 60 needed" in text


@pytest.mark.parametrize(
    ("hours_before", "words"),
    [
        (2, "off shift until 09:00 Europe/Moscow"),
        (13, "off shift until Mon 09:00 Europe/Moscow"),
        (24 * 7 + 3, "off shift until 09:00 Europe/Moscow"),
    ],
)
def test_until_names_the_day_only_if_it_is_another(
    starter: Plan, hours_before: int, words: str
) -> None:
    """At eleven at night, 09:00 alone would be read as this morning."""
    decision = decide(starter, now_ms=MONDAY_TEN_MS - hours_before * 3_600_000)
    text = decision_text(decision, starter, only="vera")
    assert words in text


def test_until_is_not_promised_where_time_does_not_help(starter: Plan) -> None:
    """Sergei will not sell tomorrow either."""
    decision = decide(starter, now_ms=MONDAY_TEN_MS - 13 * 3_600_000)
    text = decision_text(decision, starter, only="sergei")
    assert "off shift; also lacks dept:sales\n" in text


def test_ties_are_broken_in_words(starter: Plan) -> None:
    """Two agents of two tags: the reason must be what really decided."""
    plan = parse_plan(
        starter_plan().replace('tags = ["dept:sales", "lang:ru", "lang:en=80"]', TWO)
    )
    decision = decide(plan)
    assert "fewest tags (2) of 4 free, first in the plan" == offer_reason(decision)
    assert "later in the plan" in decision_text(decision, plan)
    assert starter.plan_id != plan.plan_id


TWO = 'tags = ["dept:sales", "lang:ru"]'


def test_a_number_that_is_not_in_the_plan_is_named(starter: Plan) -> None:
    """A typing mistake in the number must not look like a lack of agents."""
    text = decision_text(decide(starter, "+74950000000"), starter)
    assert "No queue was reached: no such number: +74950000000." == text.splitlines()[0]


def test_what_happens_next_is_said(starter: Plan) -> None:
    """The caller's fate is the point of it all."""
    offer = decision_text(decide(starter), starter)
    assert offer.endswith("Next: Vera is rung for 12 s; without an answer, then Anna.")
    busy = dict.fromkeys(("vera", "anna", "dina", "max"), "busy")
    wait = decision_text(decide(starter, states=busy), starter)
    assert wait.endswith(
        "waits in queue sales; after 90 s of waiting it goes to voicemail box sales."
        " The expected wait is 45 s."
    )
    full = decision_text(decide(starter, "+74955550109", states=busy), starter)
    assert full.endswith("the caller can leave a message (voicemail box sales).")


def test_the_place_in_line_and_the_expected_wait_are_known(starter: Plan) -> None:
    """It is what a caller would ask; whoever is in no line has neither."""
    busy = dict.fromkeys(("vera", "anna", "dina", "max"), "busy")
    waits = decide(starter, states=busy)
    assert (1, 45_000) == (waits.position, waits.expected_wait_ms)
    sent = decide(starter, "+74955550109", states=busy)
    assert (None, None) == (sent.position, sent.expected_wait_ms)
    gone = dict.fromkeys(("vera", "anna", "dina", "max"), "logged_out")
    alone = decide(starter, states=gone)
    assert (1, None) == (alone.position, alone.expected_wait_ms)


def test_many_agents_are_grouped_by_reason() -> None:
    """Twenty thousand rows are read by nobody."""
    plan, decision = many(20_000)
    lines = decision_text(decision, plan).splitlines()
    assert len(lines) < 30
    assert any("and 9,990 more who could take it" in line for line in lines)
    assert any("10,000  lacks x:odd, such as a1, a3, a5" in line for line in lines)


def test_one_of_many_agents_can_be_asked_for() -> None:
    """The group says why; --only says it of one person."""
    plan, decision = many(100)
    text = decision_text(decision, plan, only="a7")
    assert "a7  lacks x:odd" in text
    assert "a5" not in text


def many(agents: int) -> tuple[Plan, Decision]:
    """Make a plan of many agents, of whom every other one is eligible."""
    written = "".join(f"[agents.a{n}]\n" for n in range(agents))
    number = '[numbers."+12025550100"]\nqueue = "q"\n'
    plan = parse_plan(f'[site]\nname = "x"\n{written}[queues.q]\n{number}')
    decision = Decision(
        now_ms=0,
        call="c",
        next="offer",
        queue="q",
        step=0,
        chosen="a0",
        needs=(),
        flow=(),
        key_names=("step",),
        agents=tuple(
            AgentVerdict(
                agent=f"a{n}",
                verdict="missing_tag:x:odd" if n % 2 else "eligible",
                also=(),
                rank=None if n % 2 else n // 2 + 1,
                keys=(0,),
                until_ms=None,
            )
            for n in (*range(0, agents, 2), *range(1, agents, 2))
        ),
        ahead=(),
    )
    return plan, decision


def test_the_object_has_the_keys_that_others_rely_on(starter: Plan) -> None:
    """Programs read them by name."""
    made = decision_object(
        decide(starter), starter, caller="", dialled="+74955550100", backend="python"
    )
    promised = {
        "version",
        "next",
        "queue",
        "step",
        "chosen",
        "needs",
        "flow",
        "agents",
        "counterfactuals",
        "key_names",
        "at",
        "caller",
        "dialled",
        "plan_id",
        "backend",
    }
    assert promised <= made.keys()
    assert (1, "offer", "sales", "vera") == (
        made["version"],
        made["next"],
        made["queue"],
        made["chosen"],
    )
    assert "2024-01-15T10:00:00+03:00" == made["at"]


def test_the_object_has_every_agent_once(starter: Plan) -> None:
    """An agent who is left out looks like one who does not exist."""
    made = decision_object(decide(starter), starter, caller="", dialled="", backend="")
    assert sorted(starter.raw.agents) == sorted(row["agent"] for row in made["agents"])
    for row in made["agents"]:
        assert {"agent", "verdict", "also", "rank", "keys", "until"} == row.keys()
        assert len(made["key_names"]) == len(row["keys"])


def test_the_object_writes_every_kind_of_need(starter: Plan) -> None:
    """A group of tags must not be read as one tag."""
    needs = (AnyOf(("x:a", "x:b")), Forbidden("y:a"), Preferred("z:a", 5))
    decision = decide(starter, needs=needs)
    made = decision_object(decision, starter, caller="", dialled="", backend="")
    rows = {
        row["tag"]: (row["kind"], row["level"], row["weight"]) for row in made["needs"]
    }
    assert {
        "dept:sales": ("required", 1, None),
        "lang:ru": ("required", 1, None),
        "x:a|x:b": ("any_of", None, None),
        "y:a": ("forbidden", None, None),
        "z:a": ("preferred", None, 5),
    } == rows


def test_instants_are_in_the_zone_of_the_site(starter: Plan) -> None:
    """UTC would be three hours off for the people who read it."""
    decision = decide(starter, now_ms=MONDAY_TEN_MS - 2 * 3_600_000)
    made = decision_object(decision, starter, caller="", dialled="", backend="")
    until = {row["agent"]: row["until"] for row in made["agents"]}
    assert "2024-01-15T09:00:00+03:00" == until["vera"]
    assert until["sergei"] is None
