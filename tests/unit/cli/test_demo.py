"""The demonstration, and replays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run, Spawn

CALLS = """\
# start: 2024-01-15T10:00:00+03:00
arrival_s,call_id,handling_s,patience_s
0,a,60,
1,b,60,
2,c,60,
oops,d,60,
3,e,60,
4,f,60,5
"""


@pytest.fixture
def calls(tmp_path: Path) -> str:
    """Give a file of calls, one of which cannot be read."""
    file = tmp_path / "calls.csv"
    file.write_text(CALLS, "utf-8")
    return str(file)


def test_the_demo_shows_what_it_promises(run: Run) -> None:
    """A newcomer decides by these lines whether to read on."""
    text = run("demo").stdout
    for line in (
        "the one with the fewest tags gets it.",
        "c01  offered to Vera: fewest tags (2) of 4 free",
        "c03  no answer from Sergei after 15 s",
        "c03  offered to Boris: fewest tags (3)",
        "c04  Dina declines",
        "c06  offered to Vera after a wait of",
        "c08  gives up after 20 s and hangs up",
        "c09  nobody left to try",
        "c09  voicemail: box sales",
        "Why call c01 went where it went:",
    ):
        assert line in text, line


@pytest.mark.parametrize("seed", range(8))
def test_the_demo_tells_the_same_story_with_any_seed(run: Run, seed: int) -> None:
    """Answer times are drawn; what the story shows must not hang on them."""
    made = json.loads(run("demo", "--seed", str(seed), "--json").stdout)
    outcomes = {call["call"]: call["outcome"] for call in made["calls"]}
    assert 12 == len(outcomes)
    assert ("abandoned", "voicemail") == (outcomes["c08"], outcomes["c09"])
    rung = {call["call"]: call["rung"] for call in made["calls"]}
    assert (["sergei", "boris"], ["dina", "max"]) == (rung["c03"], rung["c04"])


def test_the_demo_does_not_pause_without_a_terminal(spawn: Spawn) -> None:
    """In a log or a test nobody watches."""
    answer = spawn("demo")
    assert 0 == answer.returncode
    assert "\x1b[" not in answer.stdout
    assert "events/s" in answer.stderr


def test_a_plan_of_ones_own_gets_calls_too(run: Run, plan: str) -> None:
    """The next thing that people try."""
    answer = run("demo", "--plan", plan)
    assert 0 == answer.exit_code
    assert "all calls             12" in answer.stdout


def test_a_replay_prints_figures_and_names_bad_rows(
    run: Run, plan: str, calls: str
) -> None:
    """A row that vanished would make the figures wrong."""
    answer = run("demo", "--plan", plan, "--calls", calls, "--explain", "f")
    assert 0 == answer.exit_code
    assert f"{calls}:6: error: arrival_s is 'oops', no number" in answer.stderr
    assert f"{calls}: 5 calls read, 1 row left out" in answer.stderr
    assert "Nobody can take the call now." in answer.stdout
    assert "10:00:09  f  gives up after 5 s and hangs up" in answer.stdout


def test_a_replay_as_json_adds_up(run: Run, plan: str, calls: str) -> None:
    """A program lays it beside what really happened."""
    words = ("--plan", plan, "--calls", calls, "--json", "--answer-after", "3")
    made = json.loads(run("demo", *words).stdout)
    total = made["total"]
    assert (1, 5) == (made["version"], total["offered"])
    ended = ("answered", "abandoned", "voicemail", "other")
    assert total["offered"] == sum(total[name] for name in ended)
    assert "answered_within_20_s_of_offered" == made["service_level"]["definition"]
    assert 3.0 == made["calls"][0]["wait_s"]
    assert 1 <= made["events_per_s"]


def test_calls_begin_when_they_are_told_to(run: Run, plan: str, calls: str) -> None:
    """At three in the morning nobody of this plan works."""
    words = ("demo", "--plan", plan, "--calls", calls, "--json")
    by_day = json.loads(run(*words).stdout)
    at_night = json.loads(run(*words, "--start", "2024-01-15T03:00").stdout)
    assert (4, 0) == (by_day["total"]["answered"], at_night["total"]["answered"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--explain", "zzz"], "no call 'zzz'"),
        (["--calls", "no-such.csv"], "cannot read it"),
        (["--start", "noon"], "is no time"),
        (["--plan", "no-such.toml"], "cannot read the plan"),
    ],
)
def test_the_demo_says_what_it_cannot_do(run: Run, words: list[str], said: str) -> None:
    """A traceback helps nobody."""
    answer = run("demo", *words)
    assert (2, "") == (answer.exit_code, answer.stdout)
    assert said in answer.stderr
