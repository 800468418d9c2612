"""What happens next, and what steps and delays keep from whom, in words."""

from __future__ import annotations

import pytest

from skillroute.contract import Party
from skillroute.decisions import AgentAssumption, ExplainQuery
from skillroute.events import CallArrived
from skillroute.explain import decision_text
from skillroute.plan import parse_plan
from skillroute.reference import Engine

PLAN = """
[site]
name = "shop"

[agents.anna]
tags = ["lang:pl=40"]

[agents.bert]
tags = ["lang:pl=80", "b"]

[agents.carl]

[queues.desk]
needs = ["lang:pl>=30"]
max_wait_s = 300
overflow = "voicemail:desk"
QUEUE

[voicemail.desk]
recipients = ["desk@shop.example"]

[numbers."100"]
queue = "desk"
"""
BUSY = ("anna", "bert")


def text_of(queue: str, busy: tuple[str, ...] = (), waited_ms: int = 0) -> list[str]:
    """Explain a call to a queue in which something more is written."""
    plan = parse_plan(PLAN.replace("QUEUE", queue))
    arrival = CallArrived(
        call="c",
        host="h",
        caller=Party(kind="anonymous", number=""),
        dialled=Party(kind="extension", number="100"),
    )
    query = ExplainQuery(
        now_ms=0,
        arrival=arrival,
        waited_ms=waited_ms,
        assume_rested=True,
        assume=tuple(AgentAssumption(agent=agent, state="busy") for agent in busy),
    )
    return decision_text(Engine(plan.compiled).explain(query), plan).splitlines()


def row_of(agent: str, lines: list[str]) -> str:
    """Return what is said of an agent."""
    (row,) = [line for line in lines if line.lstrip(" -123").startswith(agent + " ")]
    return row.partition(agent)[2].strip()


WAIT = " The expected wait is 1 min 30 s."

# By what is written of the queue, and who is busy: what happens next.
NEXT = [
    ("", (), "anna is rung for 15 s; without an answer, then bert."),
    (
        'strategy = "ring_all"',
        (),
        "anna and bert are rung for 15 s; who accepts first has the call.",
    ),
    (
        'strategy = "ring_progressively"\nevery_s = 4',
        (),
        "anna is rung for 15 s; after 4 s without an answer bert is rung, too.",
    ),
    (
        "",
        ("bert",),
        "anna is rung for 15 s; without an answer, then whoever becomes free.",
    ),
    (
        'on_round_end = "overflow"',
        ("bert",),
        "anna is rung for 15 s; without an answer, it goes to voicemail box desk.",
    ),
    (
        'exclude = ["bert"]',
        (),
        (
            "anna is rung for 15 s; without an answer, then whoever becomes free, or"
            " everybody again after 10 s."
        ),
    ),
    (
        (
            'exclude = ["bert"]\non_round_end = "next_step"\n'
            '[[queues.desk.steps]]\nafter_s = 20\ndrop = ["lang:pl"]'
        ),
        (),
        "anna is rung for 15 s; without an answer, step 1 begins.",
    ),
    (
        'overflow_on = {max_wait = "hangup:sorry"}',
        BUSY,
        (
            "the call waits in queue desk; after 300 s of waiting it ends with"
            f" 'sorry'.{WAIT}"
        ),
    ),
    (
        'overflow_on = {max_wait = "hangup"}',
        BUSY,
        f"the call waits in queue desk; after 300 s of waiting it ends.{WAIT}",
    ),
    (
        'overflow_on = {max_wait = "agent:carl"}',
        BUSY,
        f"the call waits in queue desk; after 300 s of waiting it goes to carl.{WAIT}",
    ),
    (
        'leave_when_empty = true\noverflow_on = {nobody_logged_in = "hangup:gone"}',
        BUSY,
        (
            "the call waits in queue desk; after 300 s of waiting it goes to voicemail"
            f" box desk; once nobody is logged in it ends with 'gone'.{WAIT}"
        ),
    ),
]


@pytest.mark.parametrize(("queue", "busy", "words"), NEXT)
def test_what_happens_next(queue: str, busy: tuple[str, ...], words: str) -> None:
    """The caller's fate is what the supervisor is asked about."""
    assert f"Next: {words}" == text_of(queue, busy)[-1]


def test_several_who_are_rung_at_once_are_counted() -> None:
    """To say that the first of them gets the call would be wrong."""
    first = text_of('strategy = "ring_all"')[0]
    assert "2 agents are rung at once, first anna: fewest tags (1) of 2 free." == first


def test_a_need_that_a_step_will_relax_is_said_with_the_step() -> None:
    """That Carl lacks Polish is so for half a minute only."""
    queue = '[[queues.desk.steps]]\nafter_s = 30\ndrop = ["lang:*"]'
    lines = text_of(queue, BUSY)
    assert "lacks lang:pl until step 1 at 00:00:30 UTC" == row_of("carl", lines)
    assert "2 on a call, 1 let in only by a later step." in lines[0]


def test_who_is_let_in_by_one_of_several_steps_is_let_in_by_which() -> None:
    """A step that does nothing for somebody is not named."""
    queue = (
        "[[queues.desk.steps]]\nafter_s = 20\nraise_priority = 1\n"
        '[[queues.desk.steps]]\nafter_s = 30\ndrop = ["lang:*"]'
    )
    row = row_of("carl", text_of(queue, BUSY))
    assert "lacks lang:pl until step 2 at 00:00:30 UTC" == row


def test_who_serves_a_queue_from_a_step_on() -> None:
    """They are members, though not yet."""
    queue = (
        'agents = ["anna"]\n'
        '[[queues.desk.steps]]\nafter_s = 90\nagents = ["bert"]\n'
        '[[queues.desk.steps]]\nafter_s = 120\nagents = ["carl"]'
    )
    row = row_of("bert", text_of(queue, ("anna",)))
    assert "let in only by step 1 at 00:01:30 UTC" == row


def test_a_delay_is_said_with_its_length() -> None:
    """When it is over says nothing of why."""
    queue = (
        'agents = ["anna"]\n[[queues.desk.members]]\nagents = ["bert"]\ndelay_s = 45'
    )
    row = row_of("bert", text_of(queue, ("anna",)))
    assert "takes calls of this queue only after 45 s, at 00:00:45 UTC" == row


def test_steps_that_have_begun_say_what_they_changed() -> None:
    """The needs in force do not show what is no longer asked."""
    queue = (
        'agents = ["anna"]\n'
        '[[queues.desk.steps]]\nafter_s = 20\nlower = {"lang:pl" = 10}\n'
        'prefer = {"b" = 5}\n'
        '[[queues.desk.steps]]\nafter_s = 30\ndrop = ["lang:*"]\nraise_priority = 2\n'
        'agents = ["carl"]\nstrategy = "longest_idle"'
    )
    lines = text_of(queue, BUSY, waited_ms=31_000)
    begun = lines.index("Steps begun:")
    assert [
        "  1  lang:pl at level 10 will do, rather b (after 20 s)",
        (
            "  2  lang:* no longer needed, carl too, chosen by longest_idle,"
            " priority raised by 2 (after 30 s)"
        ),
    ] == lines[begun + 1 : begun + 3]
    assert lines[0] == (
        "carl gets the call: the only one free who can take it, let in by step 2."
    )


def test_a_step_that_began_before_its_time_says_why() -> None:
    """Nobody has waited for thirty seconds, and yet it is in force."""
    queue = (
        'exclude = ["anna", "bert"]\non_round_end = "next_step"\n'
        '[[queues.desk.steps]]\nafter_s = 30\ndrop = ["lang:*"]'
    )
    why = "(before 30 s, since nobody was left to try)"
    assert f"  1  lang:* no longer needed {why}" in text_of(queue)
