"""Large sites keep their agents in a file, and are told of errors by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillroute.errors import PlanProblemsError
from skillroute.plan import check_plan, load_plan
from skillroute.plan.compiled import decode

PLAN = """\
agents_from = "{name}"
[site]
name = "s"
[agents.zoe]
tags = ["dept:sales"]
[queues.q]
[numbers."+74955550100"]
queue = "q"
"""

LINES = {
    "not JSON": ('{"id": "a"} x', "json_syntax", 14),
    "cut": ('{"id": "жа', "json_syntax", 11),
    "no object": ("[1]", "json_syntax", 1),
    "no id": ('{"name": "A"}', "missing_key", 1),
    "id twice": ('{"id": "first"}', "duplicate_agent", 1),
    "id of the plan": ('{"id": "zoe"}', "duplicate_agent", 1),
    "unknown field": ('{"id": "a", "tag": []}', "unknown_key", 13),
    "wrong type": ('{"id": "a", "units": "1"}', "wrong_type", 13),
    "out of range": ('{"id": "a", "units": 0}', "out_of_range", 13),
    "malformed tag": ('{"id": "a", "tags": ["a b"]}', "tag_malformed", 1),
    "unknown schedule": ('{"id": "a", "schedule": "x"}', "unknown_schedule", 1),
    "malformed id": ('{"id": "a b"}', "id_malformed", 1),
}

CELLS = {
    "too few": ("a,b", "csv_syntax"),
    "too many": ("a,,,,,,,,,", "csv_syntax"),
    "no id": (",A,,,,", "missing_key"),
    "wrong type": ("a,,,x,,", "wrong_type"),
    "out of range": ("a,,,,5000,", "out_of_range"),
    "malformed tag": ("a,,b=x,,,", "tag_malformed"),
}


def written(folder: Path, name: str, text: str) -> Path:
    """Write a plan and its agents file."""
    (folder / name).write_text(text, "utf-8")
    plan = folder / "plan.toml"
    plan.write_text(PLAN.format(name=name), "utf-8")
    return plan


def test_agents_of_both_files_are_in_order(tmp_path: Path) -> None:
    """The order decides ties, so it must be the one that people see."""
    text = (
        '{"id": "bert", "tags": ["lang:pl=60", "*"], "wrap_up_s": 0.5}\n\n'
        '{"id": "anna", "endpoints": ["SIP/1"], "units": 2}\n'
    )
    plan = load_plan(written(tmp_path, "a.jsonl", text))
    compiled = decode(plan.compiled)
    assert [agent.id for agent in compiled.agents] == ["zoe", "bert", "anna"]
    assert compiled.agents[1].wrap_up_ms == 500
    assert compiled.agents[2].endpoints == ("SIP/1",)


def test_csv_and_json_lines_mean_the_same(tmp_path: Path) -> None:
    """People may export from a spreadsheet or from a program."""
    json = (
        '{"id": "bert", "name": "B, Bert", "tags": ["a", "b=5"], "wrap_up_s": 1.5}\n'
        '{"id": "anna", "units": 2, "login": "manual"}\n'
    )
    csv = (
        "id,name,tags,units,wrap_up_s,login\r\n"
        'bert,"B, Bert",a b=5,,1.5,\r\nanna,,,2,,manual\r\n'
    )
    first = load_plan(written(tmp_path, "a.jsonl", json))
    second = load_plan(written(tmp_path, "a.csv", csv))
    assert first.plan_id == second.plan_id


@pytest.mark.parametrize("name", LINES)
def test_an_error_names_its_line(name: str, tmp_path: Path) -> None:
    """Nobody searches a hundred thousand lines by eye."""
    line, code, column = LINES[name]
    plan = written(tmp_path, "a.jsonl", f'{{"id": "first"}}\n\n{line}\n')
    with pytest.raises(PlanProblemsError) as caught:
        load_plan(plan)
    [problem] = caught.value.problems
    assert problem.file == str(tmp_path / "a.jsonl")
    assert (problem.code, problem.line, problem.column) == (code, 3, column)


@pytest.mark.parametrize("name", CELLS)
def test_an_error_in_csv_names_its_line(name: str, tmp_path: Path) -> None:
    """As for JSON Lines."""
    cells, code = CELLS[name]
    head = "id,name,tags,units,wrap_up_s,login"
    plan = written(tmp_path, "a.csv", f"{head}\nfirst,,,,,\n{cells}\n")
    [problem] = [p for p in check_plan(plan) if p.severity == "error"]
    assert (problem.code, problem.line) == (code, 3)
    assert problem.file == str(tmp_path / "a.csv")


def test_an_unknown_column_is_told_once(tmp_path: Path) -> None:
    """A column that is silently dropped would be missed too late."""
    plan = written(tmp_path, "a.csv", "id,tag\na,x\nb,y\n")
    [problem] = check_plan(plan)
    assert (problem.code, problem.line) == ("unknown_key", 1)
    assert "'tags'" in problem.hint


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("none.jsonl", "agents_file_unreadable"),
        ("agents.txt", "agents_file_kind"),
        ("latin.csv", "not_utf8"),
    ],
)
def test_a_file_that_cannot_be_read_is_blamed_on_the_plan(
    name: str, code: str, tmp_path: Path
) -> None:
    """The name in the plan is where to mend it."""
    (tmp_path / "latin.csv").write_bytes(b"id,name\na,Andr\xe9\n")
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(name=name), "utf-8")
    [problem] = check_plan(plan)
    assert (problem.code, problem.line, problem.column) == (code, 1, 15)
