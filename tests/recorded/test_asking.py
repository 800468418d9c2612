"""Asking a journal why: decided again, and the same as what was recorded."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from unittest import mock
from zoneinfo import ZoneInfo

import msgspec
import pytest
from click.testing import CliRunner

from skillroute.actions import Action, OfferCall, RecordOutcome
from skillroute.cli import commands
from skillroute.errors import JournalError, UnknownIdError
from skillroute.events import CallArrived, CallConnected
from skillroute.journal import digest_of, open_journal
from skillroute.plan import Plan
from skillroute.recorded import ask_agent, ask_call, follow_agent, follow_call
from skillroute.simulation import new_engine

NEXT = {"offer", "voicemail", "wait", "ended", "hang_up"}


class Told:
    """What really became of the calls of a journal, read without any of our code."""

    def __init__(self, path: Path, plan: Plan) -> None:
        self.answered: dict[str, str] = {}
        self.arrived_ms: dict[str, int] = {}
        self.answered_ms: dict[str, int] = {}
        self.outcomes: dict[str, str] = {}
        offers: dict[int, OfferCall] = {}
        engine = new_engine(plan, "python")
        with open_journal(path, read_only=True) as journal:
            for record in journal.records():
                assert record.event is not None
                if isinstance(record.event, CallArrived):
                    self.arrived_ms[record.event.call] = record.at_ms
                if isinstance(record.event, CallConnected):
                    offer = offers[record.event.offer]
                    self.answered[offer.call] = offer.agent
                    self.answered_ms[offer.call] = record.at_ms
                for action in engine.handle(record.event, record.at_ms):
                    if isinstance(action, OfferCall):
                        offers[action.offer] = action
                    if isinstance(action, RecordOutcome):
                        self.outcomes[action.call] = action.outcome


@pytest.fixture(scope="module")
def told(day: Path, plan: Plan) -> Told:
    """Give what became of the calls of the day."""
    return Told(day, plan)


def test_every_call_is_decided_again_to_the_recorded_answer(
    day: Path, told: Told
) -> None:
    """An explanation that comes to another answer explains nothing."""
    assert len(told.answered) > 50
    with open_journal(day, read_only=True) as journal:
        for call in told.outcomes:
            asked = ask_call(journal, call)
            assert asked.is_same, call
            assert asked.decision.call in (call, "")
            if call in told.answered:
                assert told.answered[call] == asked.decision.chosen
                assert told.answered[call] == asked.recorded_agent
                assert "offer" == asked.decision.next
            else:
                assert asked.decision.next in NEXT


def test_every_backend_says_the_same(day: Path, told: Told, backend_name: str) -> None:
    """Who asks later may have no compiled core."""
    with open_journal(day, read_only=True) as journal:
        for call in list(told.answered)[:10]:
            asked = ask_call(journal, call, backend=backend_name)
            assert ask_call(journal, call).decision == asked.decision


def test_a_call_is_shown_as_it_waited(day: Path, told: Told) -> None:
    """Why was this call waiting at 10:42?"""
    waits = {
        call: at_ms - told.arrived_ms[call] for call, at_ms in told.answered_ms.items()
    }
    call = max(waits, key=lambda each: waits[each])
    assert waits[call] > 20_000
    at_ms = told.answered_ms[call] - waits[call] // 2
    with open_journal(day, read_only=True) as journal:
        asked = ask_call(journal, call, at_ms=at_ms)
        assert at_ms == asked.decision.now_ms
        assert waits[call] // 2 <= asked.decision.waited_ms + 1
        assert asked.decision.next in ("wait", "offer")
        with pytest.raises(UnknownIdError):
            ask_call(journal, call, at_ms=told.arrived_ms[call] - 1)


def test_an_agent_is_shown_as_they_were(day: Path, told: Told) -> None:
    """Why was this agent idle?"""
    call, at_ms = next(iter(told.answered_ms.items()))
    with open_journal(day, read_only=True) as journal:
        asked = ask_agent(journal, told.answered[call], at_ms=at_ms)
        assert "busy" == asked.decision.verdict
        with pytest.raises(UnknownIdError):
            ask_agent(journal, "nobody", at_ms=at_ms)


def test_what_happened_to_a_call_is_told(day: Path, told: Told) -> None:
    """Who asks why a call waited asks who was rung meanwhile."""
    with open_journal(day, read_only=True) as journal:
        for call, outcome in told.outcomes.items():
            life = follow_call(journal, call)
            assert told.arrived_ms[call] == life[0].at_ms
            assert sorted(m.at_ms for m in life) == [m.at_ms for m in life]
            orders = [action for moment in life for action in moment.actions]
            about = {getattr(order, "call", "") for order in orders}
            assert {call} == about
            ends = [o.outcome for o in orders if isinstance(o, RecordOutcome)]
            assert [outcome] == ends
            talks = [m for m in life if isinstance(m.event, CallConnected)]
            assert (call in told.answered) == bool(talks)
            half = follow_call(journal, call, until_ms=life[-1].at_ms - 1)
            assert life[: len(half)] == half != life
    assert len(told.outcomes) > 50


def test_what_an_agent_did_last_is_told(day: Path, told: Told, plan: Plan) -> None:
    """Who looks for an idle agent asks what they did before."""
    call, agent = list(told.answered.items())[-1]
    with open_journal(day, read_only=True) as journal:
        life = follow_agent(journal, agent, until_ms=told.answered_ms[call])
        assert isinstance(life[-1].event, CallConnected)
        assert sorted(m.at_ms for m in life) == [m.at_ms for m in life]
        assert 3 == len(follow_agent(journal, agent, until_ms=2**42, most=3))
    words = ("explain", "--journal", str(day), "--idle", agent, "--at")
    at = local(told.answered_ms[call], plan)
    _, text = run(*words, at)
    assert f"Before that, {agent.capitalize()}:\n" in text
    assert f"  is rung for {call}\n" in text
    assert f"  talks with the caller of {call}\n" in text
    history = json.loads(run(*words, at, "--json")[1])["history"]
    assert f"talks with the caller of {call}" == history[-1]["what"]


def test_what_the_journal_does_not_know_is_said(day: Path, told: Told) -> None:
    """An answer about an instant before the record would be made up."""
    first_ms = min(told.arrived_ms.values()) - 3_600_000
    with (
        open_journal(day, read_only=True) as journal,
        pytest.raises(JournalError, match="the journal begins later at 2") as caught,
    ):
        ask_agent(journal, "dina", at_ms=first_ms)
    assert "journal_begins_late" == caught.value.code


def test_an_unknown_call_is_named(day: Path) -> None:
    """A slip of the pen must not look like an empty answer."""
    with (
        open_journal(day, read_only=True) as journal,
        pytest.raises(UnknownIdError) as caught,
    ):
        ask_call(journal, "c1234")
    assert "unknown_call" == caught.value.code
    assert "c1234" in caught.value.message


def run(*words: str) -> tuple[int, str]:
    """Run a command; return its exit code and what it printed."""
    result = CliRunner().invoke(commands, words)
    return result.exit_code, result.output


def test_the_command_says_it_in_words(day: Path, told: Told) -> None:
    """A supervisor reads it."""
    call = next(iter(told.answered))
    code, text = run("explain", "--journal", str(day), "--call", call)
    assert 0 == code
    assert "gets the call" in text
    assert "decided again, to the same answer" in text
    name = told.answered[call].capitalize()
    assert f"rings {name}\n" in text
    assert f"{name} talks with the caller, who waited" in text


def local(at_ms: int, plan: Plan) -> str:
    """Write an instant as the clock of the site shows it, without the day."""
    zone = ZoneInfo(plan.raw.site.zone)
    return datetime.fromtimestamp(at_ms / 1000, zone).time().isoformat()


def test_a_time_is_of_the_day_of_the_call(day: Path, told: Told, plan: Plan) -> None:
    """Why was this call waiting at 10:42?"""
    asked = {"ringing": 0, "ended": 0}
    ask = ("explain", "--journal", str(day), "--call")
    calls = list(told.arrived_ms)[:20]
    for call in calls:
        words, arrived_ms = (*ask, call, "--at"), told.arrived_ms[call]
        text = run(*words, local(arrived_ms + 1, plan))[1]
        asked["ringing"] += " is being rung: " in text
        assert "gets the call" not in text.partition("\n")[0]
        _, text = run(*words, local(arrived_ms + 3_600_000, plan))
        asked["ended"] += f"The call had ended: {told.outcomes[call]}." in text
    assert asked["ringing"] > 5
    assert asked["ended"] == 20
    too_early = local(told.arrived_ms[calls[0]] - 1_000, plan)
    code, text = run(*ask, calls[0], "--at", too_early)
    assert 2 == code
    assert "it came at 2024-01-15T" in text


def test_a_day_later_the_journal_has_ended(day: Path) -> None:
    """The last state that is known is not what was the day after."""
    words = ("explain", "--journal", str(day), "--idle", "dina", "--at")
    assert "note: the journal ends at 2024-" in run(*words, "2024-01-17")[1]
    code, text = run(*words, "10:42")
    assert (0, False) == (code, "journal ends" in text)


def test_the_records_of_a_call_have_its_offers(day: Path, told: Told) -> None:
    """Who answered stands in a record that names the offer alone."""
    call = next(iter(told.answered))
    code, text = run("journal", "show", str(day), "--call", call)
    assert 0 == code
    kinds = [line.split()[2] for line in text.splitlines()]
    assert {"CallArrived", "OfferAccepted", "CallConnected", "CallerHungUp"} <= {*kinds}
    assert 1 == kinds.count("CallConnected")
    code, text = run("journal", "show", str(day), "--call", "c1234")
    assert 1 == code
    assert "nothing about call 'c1234'; the journal has the records 1 to" in text


def test_the_command_says_it_to_programs(day: Path, told: Told) -> None:
    """The keys are those of any explanation, and one more."""
    call = next(iter(told.answered))
    code, text = run("explain", "--journal", str(day), "--call", call, "--json")
    answer = json.loads(text)
    assert 0 == code
    assert told.answered[call] == answer["chosen"]
    assert told.answered[call] == answer["recorded"]["chosen"]
    assert answer["recorded"]["is_same"] is True
    assert answer["caller"].startswith("+1202555")
    assert {"needs", "flow", "agents", "counterfactuals", "queue"} <= answer.keys()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--call", "c1234"], "no call 'c1234'"),
        ([], "say which call"),
        (["--idle", "dina"], "needs --at"),
        (["--idle", "dna", "--at", "10:42"], "did you mean 'dina'?"),
        (["--call", "c1", "--caller", "+1"], "only what was recorded"),
        (["--call", "c1", "--at", "noon"], "is no time"),
        (["--call", "c1", "--only", "nobody"], "has no agent 'nobody'"),
    ],
)
def test_a_wrong_question_is_answered_with_2(
    day: Path, words: list[str], said: str
) -> None:
    """No traceback for a user's mistake."""
    code, text = run("explain", "--journal", str(day), *words)
    assert 2 == code
    assert said in text


def test_a_journal_that_is_none_is_answered_with_2(tmp_path: Path) -> None:
    """Nor for a wrong file."""
    code, _ = run("explain", "--journal", str(tmp_path / "none"), "--call", "c1")
    assert 2 == code


def test_another_decision_is_told_with_both_numbers(day: Path, told: Told) -> None:
    """After a change of behaviour the record still says what it was."""
    call, chosen = next(
        (call, agent) for call, agent in told.answered.items() if agent != "vera"
    )

    def as_if_by_another(actions: tuple[Action, ...]) -> bytes:
        """Digest orders as if someone else had been rung."""
        swap = {"vera": chosen, chosen: "vera"}
        swapped = tuple(
            msgspec.structs.replace(action, agent=swap.get(action.agent, action.agent))
            if isinstance(action, OfferCall)
            else action
            for action in actions
        )
        return digest_of(swapped)

    with (
        mock.patch("skillroute.recorded._asking.digest_of", as_if_by_another),
        open_journal(day, read_only=True) as journal,
    ):
        asked = ask_call(journal, call)
    assert not asked.is_same
    assert "vera" == asked.recorded_agent
    assert chosen == asked.decision.chosen
