"""The command that measures: what it answers, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from skillroute import bench
from tests.unit.bench.test_reports import report, row
from tests.unit.cli.conftest import Run

SMALL = ("bench", "--quick", "--only", "select_realistic", "--sizes", "100")


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> bench.Report:
    """Let a run be over at once, with figures that are known."""
    found = report(row("select_realistic", 1000, heap_memo=2.0))

    def measure(*_: Any, **__: Any) -> bench.Report:
        return found

    monkeypatch.setattr(bench, "run_settings", measure)
    return found


def written(folder: Path, found: bench.Report) -> str:
    """Write a run as --output does."""
    file = folder / "record.json"
    file.write_bytes(msgspec.json.encode(found))
    return str(file)


def test_bench_measures_and_tells(run: Run, tmp_path: Path) -> None:
    """The whole way, with one row of one size."""
    file = tmp_path / "run.json"
    answer = run(*SMALL, "--json", "--output", str(file))
    assert 0 == answer.exit_code
    told = json.loads(answer.stdout)
    assert json.loads(file.read_text("utf-8")) == told
    (found,) = told["rows"]
    assert ("select_realistic", 100) == (found["name"], found["size"])
    assert {"heap_memo", "scan_sets", "sorted_list"} <= set(found["vs"])
    assert found["checked"] >= 10
    assert "[1/1] select_realistic: 100" in answer.stderr


def test_bench_prints_a_table(run: Run, made_up: bench.Report) -> None:
    """Data goes to stdout."""
    answer = run("bench")
    assert 0 == answer.exit_code
    assert made_up.machine.processor in answer.stdout
    assert "heap_memo" in answer.stdout


@pytest.mark.usefixtures("made_up")
def test_a_missed_bar_leaves_with_1(run: Run) -> None:
    """A script must be able to tell."""
    answer = run("bench", "--bars")
    assert 1 == answer.exit_code
    (missed,) = [line for line in answer.stdout.splitlines() if "MISSED" in line]
    assert "select, realistic, 1,000 agents, beside heap_memo" in missed
    told = json.loads(run("bench", "--bars", "--json").stdout)
    assert [False] == [b["held"] for b in told["bars"] if b["held"] is not None]


def test_a_bar_that_was_not_measured_leaves_with_2(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no yes."""
    held = report(row("select_realistic", 1000, heap_memo=3.0))
    monkeypatch.setattr(bench, "run_settings", lambda *_, **__: held)
    assert 2 == run("bench", "--bars").exit_code


def test_a_ratio_far_below_the_record_leaves_with_1(
    run: Run, tmp_path: Path, made_up: bench.Report
) -> None:
    """This is the gate of CI."""
    same = written(tmp_path, made_up)
    assert 0 == run("bench", "--against", same).exit_code
    better = report(row("select_realistic", 1000, heap_memo=20.0))
    answer = run("bench", "--against", written(tmp_path, better))
    assert 1 == answer.exit_code
    assert "select_realistic, 1,000: beside heap_memo 2, recorded 20" in answer.stdout


@pytest.mark.usefixtures("made_up")
def test_a_record_with_nothing_in_common_is_no_answer(run: Run, tmp_path: Path) -> None:
    """A gate that compares nothing is always green."""
    other = report(row("select_sparse", 7, heap_memo=1.0))
    answer = run("bench", "--against", written(tmp_path, other))
    assert 2 == answer.exit_code
    assert "nothing was compared" in answer.stderr


def test_a_wrong_contender_is_said_without_a_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No figure comes of such a run."""

    def fail(*_: Any, **__: Any) -> bench.Report:
        raise bench.WrongAnswerError("numpy chose 1 and not 2")

    monkeypatch.setattr(bench, "run_settings", fail)
    answer = run("bench", "--quick")
    assert (2, "") == (answer.exit_code, answer.stdout)
    assert "skillroute: numpy chose 1 and not 2" in answer.stderr


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "select_realistik"], "did you mean 'select_realistic'?"),
        (["--only", "x"], "there is best_waiting_adversarial"),
        (["--sizes", "many"], "write numbers from 100 to 200,000"),
        (["--sizes", "100,7"], "write numbers from 100"),
        (["--picture", "run.gif"], "must end in .svg or .png"),
        (["--against", "no.json"], "no.json: cannot be read: No such file"),
        (["--output", "no/such/run.json"], "there is no folder"),
        (["--picture", "no/such/run.svg"], "there is no folder"),
    ],
)
def test_bench_says_what_it_cannot_do(run: Run, words: list[str], said: str) -> None:
    """Before minutes of work where that is possible."""
    answer = run("bench", *words)
    assert (2, "") == (answer.exit_code, answer.stdout)
    assert said in answer.stderr


@pytest.mark.usefixtures("made_up")
def test_a_file_that_is_no_record_is_said(run: Run, tmp_path: Path) -> None:
    """A plan in place of a record is easily given."""
    file = tmp_path / "plan.json"
    file.write_text("{}", "utf-8")
    answer = run("bench", "--against", str(file))
    assert 2 == answer.exit_code
    assert "is no recorded run" in answer.stderr


@pytest.mark.usefixtures("made_up")
def test_a_picture_without_matplotlib_is_refused_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not after all was measured."""
    monkeypatch.setattr(
        "skillroute.cli.bench.cannot_draw", lambda: "no matplotlib: install it"
    )
    answer = run("bench", "--picture", str(tmp_path / "run.svg"))
    assert 2 == answer.exit_code
    assert "--picture: no matplotlib" in answer.stderr
