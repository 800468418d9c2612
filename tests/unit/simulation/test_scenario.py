"""Scenarios: read, checked with the place of every fault, compiled."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from skillroute.errors import PlanProblemsError
from skillroute.simulation import (
    Scenario,
    check_scenario,
    decode_scenario,
    load_scenario,
    scenario_schema,
)

PLAN = """\
[site]
name = "s"
zone = "Europe/Warsaw"
country_code = "48"
[teams.late]
agents = ["bert", "cleo"]
[agents.anna]
tags = ["lang:pl"]
[agents.bert]
[agents.cleo]
[queues.help]
[numbers."+48 22 555 01 00"]
queue = "help"
[numbers."+48 22 555 01 01"]
queue = "help"
"""
CALLS = "[calls.all]\nper_h = [60]\nhandling = 180\n"
HEAD = 'plan = "plan.toml"\n'

# The text with the place of its one fault marked, the code, a word of message or hint.
FAULTY = {
    "no plan": ("@" + CALLS, "missing_key", "plan"),
    "plan absent": ('plan = @"nothing.toml"\n' + CALLS, "file_unreadable", "nothing"),
    "no calls": ("@" + HEAD, "no_calls", "[calls.<name>]"),
    "unknown key": (HEAD + "@seeds = 3\n" + CALLS, "unknown_key", "'seed'"),
    "start": (HEAD + 'start = @"noon"\n' + CALLS, "start_malformed", "2024-01-15T"),
    "warm-up": (
        HEAD + "length_s = 60\nwarm_up_s = @60\n" + CALLS,
        "warm_up_too_long",
        "length_s",
    ),
    "interval": (
        HEAD + "length_s = 1e6\ninterval_s = @7000\n" + CALLS,
        "interval_uneven",
        "1800",
    ),
    "thresholds": (
        HEAD + "thresholds_s = @[20, 10]\n" + CALLS,
        "thresholds_unsorted",
        "[20, 60]",
    ),
    "level": (
        HEAD + 'service_level = @"all_ofered"\n' + CALLS,
        "unknown_value",
        "'all_offered'",
    ),
    "number": (
        HEAD + CALLS + 'number = @"+48 22 555 01 02"\n',
        "unknown_number",
        "did you mean",
    ),
    "need": (HEAD + CALLS + 'needs = [@"a b"]\n', "tag_malformed", "lang:pl>=60"),
    "factor": (HEAD + CALLS + 'factor = @"busy"\n', "unknown_factor", "there is none"),
    "arrivals missing": (
        HEAD + "[calls.@all]\nhandling = 180\n",
        "no_arrivals",
        "per_h = [60]",
    ),
    "arrivals twice": (HEAD + CALLS + "@counts = [3]\n", "arrivals_twice", "per_h"),
    "factor of counts": (
        HEAD
        + "[factors.b]\nsd = 0.1\n[calls.all]\ncounts = [3]\nhandling = 1\n"
        + '@factor = "b"\n',
        "key_unused",
        "use per_h",
    ),
    "more than a day": (
        HEAD + "[calls.all]\nper_h = @[1, 2]\nevery_s = 50000\ndaily = true\n"
        "handling = 1\n",
        "day_too_long",
        "use fewer",
    ),
    "counts file": (
        HEAD + '[calls.all]\ncounts_from = @"no.csv"\nhandling = 1\n',
        "file_unreadable",
        "no.csv",
    ),
    "counts column": (
        HEAD + '[calls.all]\ncounts_from = @"values.csv"\nhandling = 1\n',
        "column_missing",
        "seconds",
    ),
    "family": (
        HEAD + CALLS + 'patience = {kind = @"gama", mean_s = 3}\n',
        "unknown_value",
        "'gamma'",
    ),
    "mean missing": (
        HEAD + CALLS + "patience = @{}\n",
        "missing_key",
        "'mean_s'",
    ),
    "key of another family": (
        HEAD + CALLS + "patience = {mean_s = 3, @sd_s = 3}\n",
        "key_unused",
        "mean_s",
    ),
    "sd": (
        HEAD + CALLS + 'patience = {kind = "gamma", mean_s = 30, sd_s = @0.1}\n',
        "sd_out_of_range",
        "always the same",
    ),
    "sample": (
        HEAD + CALLS + 'patience = {kind = "sample", file = @"bad.csv"}\n',
        "not_a_number",
        "bad.csv:2",
    ),
    "uniform": (
        HEAD + CALLS + 'patience = {kind = "uniform", least_s = @9, most_s = 3}\n',
        "least_above_most",
        "most_s",
    ),
    "percents": (
        HEAD + CALLS + "[agents]\nanswer_percent = @90\ndecline_percent = 20\n",
        "percent_too_high",
        "80",
    ),
    "break": (
        HEAD + CALLS + '[agents]\nbreaks = [@"12:30-12:00"]\n',
        "break_malformed",
        "12:00-12:30",
    ),
    "agents for everybody": (
        HEAD + CALLS + '[agents]\n@agents = ["anna"]\n',
        "key_unused",
        "[groups.<name>]",
    ),
    "agent": (
        HEAD + CALLS + '[groups.g]\nagents = [@"ana"]\n',
        "unknown_agent",
        "'anna'",
    ),
    "team": (
        HEAD + CALLS + '[groups.g]\nteams = [@"early"]\n',
        "unknown_team",
        "late",
    ),
    "two groups": (
        HEAD + CALLS + '[groups.g]\nagents = ["bert"]\n[groups.h]\nteams = [@"late"]\n',
        "agent_twice",
        "'g'",
    ),
    "handling": (
        HEAD + CALLS + "[groups.g]\nhandling = {@al = 3}\n",
        "unknown_calls",
        "'all'",
    ),
    "replay": (HEAD + 'replay = {calls = @"no.csv"}\n', "calls_malformed", "no.csv"),
    "replay row": (
        HEAD + 'replay = {calls = @"bad.csv"}\n',
        "calls_malformed",
        "arrival_s",
    ),
    "staffing": (
        HEAD + CALLS + '[staffing.groups.g]\nlike = @"ana"\n',
        "unknown_agent",
        "'anna'",
    ),
    "staffing range": (
        HEAD + CALLS + '[staffing.groups.g]\nlike = "anna"\nleast = @5\nmost = 3\n',
        "least_above_most",
        "most",
    ),
    "staffing empty": (
        HEAD + CALLS + "[staffing]\ngroups = @{}\n",
        "no_groups",
        "[staffing.groups.<name>]",
    ),
    "not TOML": (HEAD + "seed = @=\n", "toml_syntax", ""),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a plan and files of numbers."""
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    (tmp_path / "values.csv").write_text("seconds\n5\n1\n3\n", "utf-8")
    (tmp_path / "bad.csv").write_text("seconds\nlong\n", "utf-8")
    (tmp_path / "counts.csv").write_text("# of May\nday,calls\n1,4\n2,6\n", "utf-8")
    (tmp_path / "calls.csv").write_text(
        "# start: 2024-05-06T07:00:00Z\n"
        "arrival_s,needs,priority,patience_s,handling_s\n"
        "1,lang:pl,2,,60\n5,,0,30,\n9,lang:pl,2,10,70\n",
        "utf-8",
    )
    return tmp_path


def load(folder: Path, text: str) -> Scenario:
    """Load a scenario that stands beside the plan."""
    file = folder / "day.scenario.toml"
    file.write_text(text, "utf-8")
    return load_scenario(file)


@pytest.mark.parametrize("name", FAULTY)
def test_one_fault_gives_one_error_at_its_place(name: str, folder: Path) -> None:
    """A planner is sent to the line that is wrong, and told what to write."""
    text, code, word = FAULTY[name]
    before, after = text.split("@", 1)
    file = folder / "day.scenario.toml"
    file.write_text(before + after, "utf-8")
    [problem] = check_scenario(file)
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    assert (code, line, column) == (problem.code, problem.line, problem.column)
    assert word in problem.message + problem.hint
    with pytest.raises(PlanProblemsError):
        load_scenario(file)


def test_all_faults_are_told_at_once(folder: Path) -> None:
    """Nobody likes to start a program ten times for ten mistakes."""
    file = folder / "day.scenario.toml"
    file.write_text(HEAD + 'start = "x"\nfoo = 1\n[calls.a]\nhandling = -1\n', "utf-8")
    codes = [problem.code for problem in check_scenario(file)]
    assert ["start_malformed", "unknown_key", "no_arrivals", "out_of_range"] == codes


def test_a_plan_with_errors_is_told_of(folder: Path) -> None:
    """What is wrong there would look like a fault of the scenario."""
    (folder / "plan.toml").write_text(PLAN + "ring = 3\n", "utf-8")
    file = folder / "day.scenario.toml"
    file.write_text(HEAD + CALLS, "utf-8")
    [problem] = check_scenario(file)
    assert "unknown_key" == problem.code
    assert problem.file.endswith("plan.toml")


def test_a_missing_file_is_told_of(tmp_path: Path) -> None:
    """A misspelt name is the commonest mistake."""
    [problem] = check_scenario(tmp_path / "none.toml")
    assert "file_unreadable" == problem.code
    assert "the scenario" in problem.message


def test_a_sound_scenario_is_compiled(folder: Path) -> None:
    """What is written in seconds and names is played in milliseconds and numbers."""
    scenario = load(
        folder,
        HEAD
        + 'start = "2024-07-01T08:00"\nlength_s = 7200\nlines = 9\n'
        + '[calls.all]\nnumber = "+48225550101"\nneeds = ["lang:pl>=50"]\n'
        + "per_h = [60, 90, 120]\nhandling = 180\n"
        + 'patience = {kind = "sample", file = "values.csv"}\n'
        + "retry = {after = 60, percent = 75, same_patience = true}\n"
        + '[calls.more]\ncounts_from = "counts.csv"\nhandling = 180\n'
        + '[agents]\nbreaks = ["09:00-09:30"]\n'
        + '[groups.late]\nteams = ["late"]\nanswer_percent = 80\n'
        + "handling = {all = 240}\n",
    )
    compiled = decode_scenario(scenario.encoded)
    # Eight o'clock in Warsaw is six o'clock UTC in July.
    assert 1_719_813_600_000 == compiled.start_ms
    first, more = compiled.classes
    assert "+48225550101" == first.dialled.number
    assert "+48225550100" == more.dialled.number
    hour_ms = 3_600_000
    assert ((0, hour_ms, 60_000_000), (hour_ms, 2 * hour_ms, 90_000_000)) == first.rates
    assert ((0, hour_ms, 4), (hour_ms, 2 * hour_ms, 6)) == more.counts
    tables = compiled.distributions
    assert (180_000,) == tables[first.handling].values
    assert first.patience is not None
    assert (1000, 3000, 5000) == tables[first.patience].values
    assert first.retry is not None
    assert (750, 0, 3, True) == (
        first.retry.abandoned_permille,
        first.retry.blocked_permille,
        first.retry.tries_max,
        first.retry.same_patience,
    )
    assert (("bert", 1), ("cleo", 1)) == compiled.agents
    assert (1000, 800) == tuple(group.answer_permille for group in compiled.groups)
    [none, slow] = first.handling_by_group
    assert none is None
    assert slow is not None
    assert (240_000,) == tables[slow].values
    # Anna is in no group: the breaks of [agents] are hers alone.
    assert [("anna", hour_ms, hour_ms + hour_ms // 2)] == [
        (b.agent, b.from_after_ms, b.until_after_ms) for b in compiled.breaks
    ]
    assert (5000, 20_000) == compiled.thresholds_ms


def test_real_calls_become_classes_by_what_they_ask_for(folder: Path) -> None:
    """What happened is replayed: who came when, how patient, how long."""
    compiled = load(folder, HEAD + 'replay = {calls = "calls.csv"}\n').compiled
    assert 1_714_978_800_000 == compiled.start_ms
    assert ["lang:pl priority 2", "priority 0"] == [c.name for c in compiled.classes]
    told = [
        (call.arrival_after_ms, call.kind, call.patience_ms, call.handling_ms)
        for call in compiled.calls
    ]
    assert [
        (1000, 0, None, 60_000),
        (5000, 1, 30_000, None),
        (9000, 0, 10_000, 70_000),
    ] == told


def test_the_same_scenario_gives_the_same_bytes(folder: Path) -> None:
    """Parts that were played on several machines are joined by it."""
    text = HEAD + CALLS + 'patience = {kind = "gamma", mean_s = 90, sd_s = 60}\n'
    assert load(folder, text).encoded == load(folder, text).encoded


def test_the_schema_accepts_what_is_right_and_refuses_what_is_not() -> None:
    """Editors tell of a mistake while it is made."""
    schema = scenario_schema()
    sound = HEAD + CALLS + "[agents]\nanswer_after = {mean_s = 4}\n"
    jsonschema.validate(tomllib.loads(sound), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(sound + "anser = 3\n"), schema)


def test_every_code_is_on_the_page() -> None:
    """Whoever meets a code looks it up."""
    root = Path(__file__).resolve().parents[3]
    page = (root / "docs/reference/scenario.md").read_text("utf-8")
    found: set[str] = set()
    for name in ("_scenario_check.py", "_scenario_files.py", "_scenario_load.py"):
        text = (root / "src/skillroute/simulation" / name).read_text("utf-8")
        calls = r'(?:_fault|FileProblemError|code=)\(?\s*"(\w+)"'
        found |= set(re.findall(calls, text))
    assert len(found) > 20
    assert [] == sorted(code for code in found if f"| `{code}` |" not in page)
    raised = {case[1] for case in FAULTY.values()}
    assert found - raised <= {"not_utf8", "column_empty", "mean_is_zero"}
