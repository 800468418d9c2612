"""The command ``simulate``: what people read, what programs read, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unit.cli.conftest import Run

PLAN = """\
[site]
name = "s"
zone = "Europe/Warsaw"
[agents.anna]
[agents.bert]
[queues.help]
[numbers."+48225550100"]
queue = "help"
"""
SCENARIO = """\
plan = "plan.toml"
start = "2024-07-01T08:00"
length_s = 3600
replications = 5
[calls.all]
per_h = [30]
handling = {mean_s = 200}
patience = {mean_s = 200}
"""


@pytest.fixture
def hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a scenario in the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    (tmp_path / "two.toml").write_text(PLAN + "[agents.cleo]\n", "utf-8")
    (tmp_path / "hour.scenario.toml").write_text(SCENARIO, "utf-8")
    return "hour.scenario.toml"


def test_people_read_tables_with_intervals(run: Run, hour: str) -> None:
    """Figures without a plus-minus are believed too much."""
    answer = run("simulate", hour, "--jobs", "1")
    assert 0 == answer.exit_code
    lines = answer.stdout.splitlines()
    assert "hour under plan.toml" == lines[0]
    [queue] = [line for line in lines if line.startswith("queue help")]
    assert queue.count("±") >= 6
    # Local time: the site is two hours ahead in July.
    assert any(line.startswith("08:00") for line in lines)
    assert any("service level: all_offered, 20 s" in line for line in lines)
    assert "" == answer.stderr


def test_programs_read_json(run: Run, hour: str) -> None:
    """The keys are those that others rely on."""
    answer = run("simulate", hour, "--json", "--seed", "3", "--replications", "4")
    told = json.loads(answer.stdout)
    expected = {"version", "calls", "outcomes", "total", "queues", "seed", "backend"}
    assert expected | {"events_per_s"} <= told.keys()
    assert (1, 3, 4) == (told["version"], told["seed"], told["replications"])
    for group in (told["total"], *told["queues"]):
        for key in (
            "offered",
            "answered",
            "abandoned",
            "service_level",
            "asa_s",
            "wait_p90_s",
            "aht_s",
            "occupancy",
        ):
            assert {"value", "low", "high", "estimator"} <= group[key].keys(), key
        level = group["service_level"]
        assert ("all_offered", 20) == (level["definition"], level["threshold_s"])
    assert told["outcomes"].keys() <= {"answered", "abandoned", "in_progress"}
    ends = sum(each["value"] for each in told["outcomes"].values())
    assert ends == pytest.approx(told["calls"]["value"])
    assert 2 == len(told["intervals"])


def test_the_same_seed_gives_the_same_answer(run: Run, hour: str) -> None:
    """Who wants to see a figure again names the seed."""
    answers = []
    for seed in ("5", "5", "6"):
        told = json.loads(run("simulate", hour, "--json", "--seed", seed).stdout)
        del told["events_per_s"]
        answers.append(told)
    assert answers[0] == answers[1]
    assert answers[0]["total"] != answers[2]["total"]


def test_shards_are_joined_to_the_same_files(run: Run, hour: str) -> None:
    """What a batch system played in parts is the whole, byte for byte."""
    assert 0 == run("simulate", hour, "--against", "two.toml", "--out", "one").exit_code
    for number in (1, 2, 3):
        shard = f"{number}/3"
        words = ("--against", "two.toml", "--shard", shard, "--out", "parts")
        answer = run("simulate", hour, *words)
        assert (0, "") == (answer.exit_code, answer.stdout)
    parts = sorted(str(file) for file in Path("parts").glob("*.tallies"))
    assert 3 == len(parts)
    answer = run("simulate", "--merge", *reversed(parts), "--out", "joined")
    assert 0 == answer.exit_code
    for name in ("result.json", "result.txt"):
        assert Path("one", name).read_bytes() == Path("joined", name).read_bytes()


def test_two_plans_are_compared(run: Run, hour: str) -> None:
    """The difference and how sure it is are what the question was."""
    answer = run("simulate", hour, "--against", "two.toml")
    assert "two.toml less plan.toml, call by call" in answer.stdout
    told = json.loads(run("simulate", hour, "--against", "two.toml", "--json").stdout)
    assert "two.toml" == told["against"]["plan"]
    level = told["against"]["differences"]["total"]["service_level"]
    assert level["value"] > 0


def test_a_plan_without_some_of_the_agents_can_be_compared(run: Run, hour: str) -> None:
    """What if Bert left: the scenario knows his group and his break still."""
    group = '[groups.b]\nagents = ["bert"]\nbreaks = ["08:30-08:45"]\n'
    Path(hour).write_text(SCENARIO + group, "utf-8")
    Path("one.toml").write_text(PLAN.replace("[agents.bert]\n", ""), "utf-8")
    answer = run("simulate", hour, "--against", "one.toml", "--json")
    assert (0, "") == (answer.exit_code, answer.stderr)
    told = json.loads(answer.stdout)["against"]
    assert ["anna"] == [each["name"] for each in told["agents"]]
    assert told["differences"]["total"]["offered"]["value"] == 0
    assert told["differences"]["total"]["service_level"]["value"] < 0
    text = SCENARIO + STAFFING.format(most=3).replace("anna", "bert")
    Path(hour).write_text(text, "utf-8")
    answer = run("simulate", hour, "--plan", "one.toml", "--staff")
    assert 2 == answer.exit_code
    assert "'bert'" in answer.stderr


def test_another_plan_can_be_played(run: Run, hour: str) -> None:
    """What if we had one more agent."""
    told = json.loads(run("simulate", hour, "--plan", "two.toml", "--json").stdout)
    assert ["anna", "bert", "cleo"] == [each["name"] for each in told["agents"]]


@pytest.mark.parametrize("name", ["day.svg", "day.png"])
def test_a_picture_is_drawn(run: Run, hour: str, name: str) -> None:
    """Shown in a meeting, it says more than the table."""
    answer = run("simulate", hour, "--against", "two.toml", "--picture", name)
    assert 0 == answer.exit_code
    data = Path(name).read_bytes()
    if name.endswith(".png"):
        assert data.startswith(b"\x89PNG")
    else:
        assert ET.fromstring(data).tag.endswith("svg")
    run("simulate", hour, "--against", "two.toml", "--picture", f"again-{name}")
    assert data == Path(f"again-{name}").read_bytes()


def test_without_the_library_it_is_said(
    run: Run, hour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before minutes of playing, and with what to do."""
    monkeypatch.setattr("skillroute.cli.simulate.cannot_draw", lambda: "matplotlib")
    answer = run("simulate", hour, "--picture", "x.png")
    assert 2 == answer.exit_code
    assert "pip install 'skillroute[simulate]'" in answer.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.toml"], "none.toml: error: cannot read the scenario: No such"),
        (["plan.toml"], "plan.toml is a plan, no scenario"),
        (["bad.toml"], "bad.toml:2:1: error"),
        (["hour.scenario.toml", "hour.scenario.toml"], "--merge"),
        (["hour.scenario.toml", "--shard", "4/3"], "1/4"),
        (["hour.scenario.toml", "--picture", "x.gif"], ".svg or .png"),
        (["--merge", "plan.toml"], "no part of a study"),
        (["--merge", "none.tallies"], "none.tallies"),
        (["hour.scenario.toml", "--plan", "none.toml"], "none.toml"),
        (["hour.scenario.toml", "--plan", "other.toml"], "+48 22 555 01 00"),
        (["hour.scenario.toml", "--plan", "other.toml"], "[unknown_number]"),
        (["hour.scenario.toml", "--against", "other.toml"], "played under other.toml"),
        (["hour.scenario.toml", "--picture", "no/x.png"], "there is no folder 'no'"),
        (["hour.scenario.toml", "--out", "bad.toml/x"], "--out bad.toml/x: cannot"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    run: Run, hour: str, words: list[str], said: str
) -> None:
    """Everybody makes them."""
    Path("bad.toml").write_text('plan = "plan.toml"\nnumber = 3\n', "utf-8")
    other = PLAN.replace("+48225550100", "+48225550199")
    Path("other.toml").write_text(other, "utf-8")
    text = SCENARIO.replace("per_h", 'number = "+48 22 555 01 00"\nper_h')
    Path(hour).write_text(text, "utf-8")
    answer = run("simulate", *words)
    assert 2 == answer.exit_code
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "" == answer.stdout


STAFFING = """
[staffing]
target_percent = 70
[staffing.groups.people]
like = "anna"
most = {most}
"""


@pytest.mark.parametrize(("most", "code"), [(9, 0), (1, 1)])
def test_staffing_is_searched(run: Run, hour: str, most: int, code: int) -> None:
    """The exit code says whether there is an answer within the limits."""
    text = SCENARIO + STAFFING.format(most=most)
    Path(hour).write_text(text.replace("per_h = [30]", "per_h = [60]"), "utf-8")
    answer = run("simulate", hour, "--staff", "--replications", "3")
    assert code == answer.exit_code
    assert "Staffing for 70 % in 20 s (all_offered)" in answer.stdout
    assert ("Cheapest: " in answer.stdout) == (code == 0)
    words = ("--staff", "--replications", "3", "--json", "--picture", "staff.svg")
    told = json.loads(run("simulate", hour, *words).stdout)
    assert (told["best"] is None) == (code == 1)
    assert {"counts", "hours", "cost", "levels", "worst", "reached"} == set(
        told["points"][0]
    )
    assert Path("staff.svg").stat().st_size > 1000


def test_staffing_needs_its_table(run: Run, hour: str) -> None:
    """Without groups nobody knows whom to add."""
    answer = run("simulate", hour, "--staff")
    assert 2 == answer.exit_code
    assert "[staffing]" in answer.stderr
