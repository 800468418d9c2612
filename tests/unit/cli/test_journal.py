"""``skillroute journal``: what an administrator does with a record."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import pytest

from skillroute.contract import Party
from skillroute.events import CallArrived, CallerHungUp
from skillroute.journal import open_journal
from skillroute.plan import parse_plan, starter_plan
from skillroute.reference import Engine
from tests.unit.cli.conftest import Run

ANNA, BORIS = "+48500100200", "+48500100300"
DAY_MS = 86_400_000


# Nobody is there, so that a call waits until its caller hangs up.
PLAN = """
[site]
name = "s"
[numbers."+74951234567"]
queue = "q"
[queues.q]
[agents.zoe]
login = "manual"
"""


@pytest.fixture
def journal(tmp_path: Path) -> str:
    """Give a journal with two calls of three days ago, and one that waits."""
    plan = parse_plan(PLAN)
    engine = Engine(plan.compiled)
    dialled = Party(kind="e164", number="+74951234567")
    path = tmp_path / "site.journal"
    at_ms = int(time.time() * 1000) - 3 * DAY_MS
    with open_journal(path, plan=plan.compiled) as opened:
        for call, number in (("c1", ANNA), ("c2", BORIS), ("c3", BORIS)):
            caller = Party(kind="e164", number=number, name=f"name of {number}")
            arrived = CallArrived(call=call, host="h", caller=caller, dialled=dialled)
            for event in (arrived, CallerHungUp(call=call))[: 1 + (call != "c3")]:
                actions = engine.handle(event, at_ms)
                opened.append(event, at_ms, actions=actions)
                opened.commit()
            at_ms += DAY_MS
    return str(path)


def broken(journal: str, statement: str) -> None:
    """Change what is in a journal behind its back."""
    connection = sqlite3.connect(journal)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_whole_journal_is_said_to_be_whole(run: Run, journal: str) -> None:
    """A nightly check needs an exit code, a person a sentence."""
    answer = run("journal", "verify", journal, "--replay")
    assert 0 == answer.exit_code
    assert f"{journal}: whole, 5 records" in answer.stdout
    assert "5 events, 0 states, 0 differing" in answer.stdout
    facts = json.loads(run("journal", "verify", journal, "--json").stdout)
    assert (1, True, 5) == (facts["version"], facts["ok"], facts["found"]["records"])
    assert facts["problem"] is None


def test_damage_is_an_answer_with_its_place(run: Run, journal: str) -> None:
    """1: it was looked at and is bad; 2 would mean that nobody knows."""
    broken(journal, "UPDATE block SET frames = zeroblob(9) WHERE first_seq = 3")
    answer = run("journal", "verify", journal)
    assert 1 == answer.exit_code
    assert f"{journal}: sequence 3: " in answer.stdout
    facts = json.loads(run("journal", "verify", journal, "--json").stdout)
    assert (False, "journal_damaged") == (facts["ok"], facts["problem"]["code"])
    assert f"{journal}: sequence 3" == facts["problem"]["where"]


@pytest.mark.parametrize("word", ["verify", "show", "export", "compact", "erase"])
def test_without_a_journal_there_is_no_answer(
    run: Run, tmp_path: Path, word: str
) -> None:
    """A misspelt name must not look like a damaged journal."""
    more = {"export": ["-"], "compact": ["--keep-days", "1"], "erase": [ANNA]}
    answer = run("journal", word, str(tmp_path / "none"), *more.get(word, []))
    assert 2 == answer.exit_code
    assert answer.stderr.startswith("skillroute: there is no ")


@pytest.mark.parametrize("word", ["export", "repair"])
@pytest.mark.parametrize("name", ["new.jsonl", "new.parquet"])
def test_where_nothing_can_be_written_it_is_said(
    run: Run, journal: str, word: str, name: str
) -> None:
    """A slip in the name of a folder is no fault of ours."""
    answer = run("journal", word, journal, str(Path(journal).parent / "no" / name))
    assert 2 == answer.exit_code
    assert "there is no folder" in answer.stderr


def test_what_is_no_journal_is_said_to_be_none(run: Run, tmp_path: Path) -> None:
    """A plan given in place of a journal is a slip of the hand."""
    file = tmp_path / "plan.toml"
    file.write_text(starter_plan(), "utf-8")
    answer = run("journal", "verify", str(file))
    assert 2 == answer.exit_code
    assert "is no journal" in answer.stderr
    file.write_bytes(b"")
    answer = run("journal", "verify", str(file))
    assert 2 == answer.exit_code
    assert "is an empty file, no journal" in answer.stderr


def test_a_journal_of_a_later_version_says_what_to_do(run: Run, journal: str) -> None:
    """After a step back to an older version somebody must know why it does not run."""
    broken(journal, "PRAGMA user_version = 99")
    answer = run("journal", "verify", journal)
    assert 2 == answer.exit_code
    assert "has layout 99" in answer.stderr
    assert "take the version that wrote it, or a newer one" in answer.stderr


def test_the_records_of_a_call_are_shown(run: Run, journal: str) -> None:
    """The first question after a complaint."""
    answer = run("journal", "show", journal, "--call", "c2")
    lines = answer.stdout.splitlines()
    assert ["3", "4"] == [line.split()[0] for line in lines]
    assert "CallArrived call=c2" in lines[0]
    assert "CallerHungUp call=c2" in lines[1]
    assert BORIS not in answer.stdout
    assert BORIS in run("journal", "show", journal, "--people").stdout
    some = run("journal", "show", journal, "--from", "2", "--until", "3", "--json")
    objects = [json.loads(line) for line in some.stdout.splitlines()]
    assert [(1, 2), (1, 3)] == [(each["version"], each["seq"]) for each in objects]


def test_a_journal_is_exported(run: Run, journal: str, tmp_path: Path) -> None:
    """Other programs count and draw."""
    file = tmp_path / "out.jsonl"
    answer = run("journal", "export", journal, str(file))
    assert 0 == answer.exit_code
    assert "5 records" in answer.stderr
    assert 5 == len(file.read_text("utf-8").splitlines())
    assert ANNA in file.read_text("utf-8")
    plain = run("journal", "export", journal, "-", "--without-people").stdout
    assert 5 == len(plain.splitlines())
    assert ANNA not in plain
    parquet = tmp_path / "out.parquet"
    assert 0 == run("journal", "export", journal, str(parquet)).exit_code
    assert b"PAR1" == parquet.read_bytes()[:4]
    assert 2 == run("journal", "export", journal, "out.txt").exit_code


def test_what_is_old_is_taken_away(run: Run, journal: str) -> None:
    """Numbers may be kept only so long."""
    answer = run("journal", "compact", journal, "--keep-days", "1.5", "--json")
    assert 0 == answer.exit_code
    done = json.loads(answer.stdout)
    assert (4, 1) == (done["records"], done["people"])
    shown = run("journal", "show", journal, "--people").stdout
    assert ANNA not in shown
    assert 1 == len(shown.splitlines())
    again = run("journal", "compact", journal, "--keep-days", "1.5")
    assert "took away 0 records" in again.stdout


def test_a_person_is_erased(run: Run, journal: str) -> None:
    """They asked for it, and the rest must go on."""
    answer = run("journal", "erase", journal, ANNA)
    assert 0 == answer.exit_code
    assert "1 spelling" in answer.stdout
    assert ANNA not in run("journal", "export", journal, "-").stdout
    assert 1 == run("journal", "erase", journal, ANNA).exit_code
    assert 0 == run("journal", "verify", journal, "--replay").exit_code


def test_whoever_is_in_a_call_is_not_erased(run: Run, journal: str) -> None:
    """Their call would go on as somebody else's."""
    answer = run("journal", "erase", journal, BORIS)
    assert 2 == answer.exit_code
    assert "is in a call" in answer.stderr
    assert BORIS in run("journal", "export", journal, "-").stdout


def test_what_is_good_is_saved(run: Run, journal: str, tmp_path: Path) -> None:
    """1: something was left out, and is listed."""
    new = tmp_path / "new.journal"
    assert 0 == run("journal", "repair", journal, str(new)).exit_code
    new.unlink()
    broken(journal, "UPDATE block SET frames = zeroblob(9) WHERE first_seq = 3")
    answer = run("journal", "repair", journal, str(new))
    assert 1 == answer.exit_code
    assert "left out: sequence 3 to 5" in answer.stdout
    assert 0 == run("journal", "verify", str(new), "--replay").exit_code
    assert 2 == run("journal", "repair", journal, str(new)).exit_code


def test_a_journal_in_use_is_left_alone(run: Run, journal: str) -> None:
    """Reading is always allowed, changing only to one at a time."""
    with open_journal(journal):
        assert 0 == run("journal", "verify", journal).exit_code
        answer = run("journal", "compact", journal, "--keep-days", "0")
        assert 2 == answer.exit_code
        assert "is being written by another process" in answer.stderr
