"""Each command: what it answers, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skillroute import backends
from tests.unit.cli.conftest import Run

AT = ("--at", "2024-01-15T10:00")
"""A Monday on which everybody of the starter plan works."""


def broken(folder: Path) -> str:
    """Write a plan with two errors."""
    file = folder / "broken.toml"
    file.write_text(
        '[site]\nname = "x"\n[agents.anna]\nschedule = "nights"\n'
        "[queues.sales]\nring_s = 0\n",
        "utf-8",
    )
    return str(file)


# init and schema


def test_init_does_not_overwrite(run: Run, plan: str) -> None:
    """A plan of weeks must not be lost to one word."""
    Path(plan).write_text("mine", "utf-8")
    refused = run("init", plan)
    assert (2, "mine") == (refused.exit_code, Path(plan).read_text("utf-8"))
    assert "--force" in refused.stderr
    assert 0 == run("init", plan, "--force").exit_code
    assert "mine" != Path(plan).read_text("utf-8")


def test_init_says_why_it_cannot_write(run: Run, tmp_path: Path) -> None:
    """A missing folder is no reason for a traceback."""
    answer = run("init", str(tmp_path / "no" / "plan.toml"))
    assert 2 == answer.exit_code
    assert "cannot be written: No such file or directory" in answer.stderr


def test_init_prints_to_stdout_when_asked(run: Run, plan: str) -> None:
    """A pipe wants the plan and nothing else."""
    assert Path(plan).read_text("utf-8") == run("init", "-").stdout


def test_schema_is_json(run: Run) -> None:
    """An editor reads it."""
    assert "skillroute plan" == json.loads(run("schema").stdout)["title"]
    scenarios = json.loads(run("schema", "--scenario").stdout)
    assert "skillroute scenario" == scenarios["title"]


# check


def test_check_accepts_the_starter_plan(run: Run, plan: str) -> None:
    """The first thing a beginner runs must not complain, only tell what follows."""
    answer = run("check", plan, "--strict")
    assert 0 == answer.exit_code
    assert 2 == answer.stdout.count(": note: ") == answer.stdout.count("[")
    assert answer.stderr.endswith("plan.toml: no problems, 2 notes\n")


def test_check_as_json_has_notes_which_never_count(run: Run, plan: str) -> None:
    """CI must not fail since a shop is closed at night."""
    answer = run("check", plan, "--strict", "--json")
    made = json.loads(answer.stdout)
    assert (0, True) == (answer.exit_code, made["ok"])
    assert ["closed", "overtaking"] == [each["code"] for each in made["problems"]]


def test_check_reports_all_problems_with_their_places(run: Run, tmp_path: Path) -> None:
    """One error a run would make ten runs of ten errors."""
    file = broken(tmp_path)
    answer = run("check", file)
    assert 1 == answer.exit_code
    errors = [line for line in answer.stdout.splitlines() if ": error: " in line]
    assert [f"{file}:4:12", f"{file}:6:10"] == [e.split(": ")[0] for e in errors]
    assert all(error.endswith("]") for error in errors)
    assert "2 errors" in answer.stderr


def test_check_as_json_has_every_field(run: Run, tmp_path: Path) -> None:
    """Editors and CI read it by name."""
    answer = run("check", broken(tmp_path), "--json")
    made = json.loads(answer.stdout)
    assert (1, 1, False) == (answer.exit_code, made["version"], made["ok"])
    names = {"severity", "code", "message", "file", "line", "column", "hint"}
    assert made["problems"]
    assert all(names <= problem.keys() for problem in made["problems"])


def test_check_strictly_refuses_warnings(run: Run, plan: str) -> None:
    """In CI a doubtful plan should not pass."""
    text = Path(plan).read_text("utf-8")
    Path(plan).write_text(f"{text}\n[queues.entered_by_nobody]\n", "utf-8")
    mild = run("check", plan)
    assert ": warning: " in mild.stdout
    assert (0, 1) == (mild.exit_code, run("check", plan, "--strict").exit_code)


def test_check_without_a_file_leaves_with_2(run: Run) -> None:
    """A plan that cannot be read is not a bad plan."""
    answer = run("check", "no-such.toml", "--json")
    assert (2, False) == (answer.exit_code, json.loads(answer.stdout)["ok"])


# explain


def test_explain_says_yes_or_no_by_its_exit_code(run: Run, plan: str) -> None:
    """A script asks: could anybody take this call?"""
    assert 0 == run("explain", plan, *AT).exit_code
    assert 1 == run("explain", plan, "--at", "2024-01-15T03:00").exit_code


def test_explain_takes_states_tags_and_callers(run: Run, plan: str) -> None:
    """Every question of an administrator is one of these."""
    words = ("--agent", "vera=busy", "--agent", "anna=paused:lunch")
    more = ("--tag", "lang:en>=90", "--caller", "8 916 123-45-67")
    made = json.loads(run("explain", plan, *AT, *words, *more, "--json").stdout)
    verdicts = {row["agent"]: row["verdict"] for row in made["agents"]}
    assert ("dina", "+79161234567") == (made["chosen"], made["caller"])
    assert ("busy", "paused:lunch") == (verdicts["vera"], verdicts["anna"])
    # A call needs one language: what it brings along replaces the number's.
    assert {"lang:en", "dept:sales"} == {need["tag"] for need in made["needs"]}


def test_explain_takes_idleness_into_account(run: Run, plan: str) -> None:
    """Of two specialists the one who waited longer comes first."""
    text = Path(plan).read_text("utf-8").replace(', "lang:en=80"', "")
    Path(plan).write_text(text, "utf-8")
    rested = ("--agent", "anna=available@600", "--agent", "vera=available@5")
    assert "Anna gets the call" in run("explain", plan, *AT, *rested).stdout


def test_explain_lists_one_agent_when_asked(run: Run, plan: str) -> None:
    """In a site of thousands, one person asks why she got no call."""
    answer = run("explain", plan, *AT, "--only", "sergei")
    assert "sergei  lacks dept:sales" in answer.stdout
    made = json.loads(run("explain", plan, *AT, "--only", "sergei", "--json").stdout)
    assert ["sergei"] == [row["agent"] for row in made["agents"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--menu", "1"], "no menus yet"),
        (["--agent", "verra=busy"], "did you mean 'vera'?"),
        (["--agent", "vera"], "write ID=STATE"),
        (["--agent", "vera=asleep"], "paused[:reason]"),
        (["--agent", "vera=busy:lunch"], "only a pause has a reason"),
        (["--tag", "lang:en=60"], "lang:pl>=60"),
        (["--at", "noon"], "is no time"),
        (["--at", "0001-01-01T00:00"], ""),
        (["--only", "zoe"], "no agent 'zoe'"),
    ],
)
def test_explain_says_what_is_wrong_with_an_argument(
    run: Run, plan: str, words: list[str], said: str
) -> None:
    """A traceback helps nobody, and 1 would be an answer."""
    answer = run("explain", plan, *words)
    assert (2, "") == (answer.exit_code, answer.stdout)
    assert said in answer.stderr
    assert answer.stderr.startswith("skillroute: ")


def test_explain_prints_the_errors_of_a_plan(run: Run, tmp_path: Path) -> None:
    """The place of every error, as check prints it."""
    file = broken(tmp_path)
    answer = run("explain", file)
    assert (2, "") == (answer.exit_code, answer.stdout)
    assert f"{file}:4:12: error: " in answer.stderr


def test_explain_notes_numbers_that_it_cannot_read(run: Run, plan: str) -> None:
    """Else a misspelt number would be explained as a withheld one."""
    answer = run("explain", plan, "--caller", "abc", "--dialled", "12345")
    assert 1 == answer.exit_code
    assert "caller 'abc' is no number" in answer.stderr
    assert "'12345' is no number of the plan: there is +74955550100" in answer.stderr


# doctor and plugins


def test_doctor_finds_nothing_wrong_here(run: Run) -> None:
    """It sends a call through every engine that is there."""
    answer = run("doctor", "--json")
    made = json.loads(answer.stdout)
    assert (0, True) == (answer.exit_code, made["ok"])
    assert list(backends.available()) == made["backends"]
    passed = [check["name"].strip() for check in made["checks"] if check["ok"]]
    assert {"skillroute", "tzdata", *backends.available()} <= set(passed)


def test_doctor_names_a_wrong_variable(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commonest fault of an installation is in its environment."""
    monkeypatch.setenv("SKILLROUTE_BACKEND", "quick")
    answer = run("doctor")
    assert 1 == answer.exit_code
    assert "BAD backend" in answer.stdout
    assert "SKILLROUTE_BACKEND=quick" in answer.stdout


def test_a_wrong_backend_is_no_traceback(
    run: Run, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says which engines there are."""
    monkeypatch.setenv("SKILLROUTE_BACKEND", "quick")
    answer = run("explain", plan)
    assert 2 == answer.exit_code
    assert "expected one of rust, cython, python" in answer.stderr


def test_plugins_lists_what_is_installed(run: Run) -> None:
    """An administrator asks whether the switch's plugin is there."""
    made = json.loads(run("plugins", "--json").stdout)
    assert (1, {"version", "plugins", "hosts"}) == (made["version"], made.keys())
    text = run("plugins").stdout
    for host in made["hosts"]:
        assert f"host {host['name']}: {host['summary']}" in text
