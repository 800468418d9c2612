"""Every fault of a plan is found, at its place, with what to do about it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from skillroute.errors import PlanProblemsError
from skillroute.plan import check_plan, compile_plan, load_plan, parse_plan
from skillroute.plan._problems import dotted, suggest

if TYPE_CHECKING:
    from skillroute.plan import Problem


def load_cases() -> Any:
    """Load the data that stands beside this file."""
    path = Path(__file__).with_name("broken_plans.py")
    spec = importlib.util.spec_from_file_location("broken_plans", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CASES = load_cases()


def marked(text: str) -> tuple[str, int, int]:
    """Take the mark out of a text; return its line and column."""
    before, after = text.split("@", 1)
    return before + after, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1


def check_text(text: str, folder: Path) -> tuple[Problem, ...]:
    """Check a plan that stands in a file."""
    file = folder / "plan.toml"
    file.write_text(text, "utf-8")
    return check_plan(file)


def test_there_are_enough_broken_plans() -> None:
    """The tests below inspect what stands in the data: it must be something."""
    assert len(CASES.BROKEN) > 50
    assert len(CASES.DOUBTFUL) > 2
    assert all("@" in case.text for case in CASES.BROKEN.values())


@pytest.mark.parametrize("name", CASES.BROKEN)
def test_one_fault_gives_one_error_at_its_place(name: str) -> None:
    """An administrator is sent to the line that is wrong, and only there."""
    case = CASES.BROKEN[name]
    text, line, column = marked(case.text)
    with pytest.raises(PlanProblemsError) as caught:
        parse_plan(text)
    [problem] = caught.value.problems
    assert (problem.code, problem.line, problem.column) == (case.code, line, column)
    assert case.hint in problem.hint
    assert case.path in {"", problem.path}
    assert f"plan:{line}:{column}: " in problem.message


@pytest.mark.parametrize("name", CASES.DOUBTFUL)
def test_what_is_hardly_meant_gives_one_warning(name: str, tmp_path: Path) -> None:
    """What is said twice is found, in plans with errors, too."""
    case = CASES.DOUBTFUL[name]
    text, line, column = marked(case.text)
    [problem] = [p for p in check_text(text, tmp_path) if p.severity != "note"]
    assert problem.severity == "warning"
    assert (problem.code, problem.line, problem.column) == (case.code, line, column)
    assert case.hint in problem.hint
    assert parse_plan(text).plan_id


def test_a_sound_plan_has_no_problems(tmp_path: Path) -> None:
    """Warnings about nothing would hide those about something."""
    assert check_text(CASES.SOUND, tmp_path) == ()


def test_all_errors_are_told_at_once_in_the_order_of_the_file() -> None:
    """Nobody wants to mend a plan one error at a time."""
    text = (
        '[site]\nname = 5\nzone = "Mars"\n'
        '[queues.sales]\nring_s = 0\nneed = ["a"]\nneeds = ["a b", 7]\n'
        '[agents.anna]\nschedule = "office"\n'
        '[numbers."+74955550100"]\nqueue = "sale"\n[numbers.x]\n'
    )
    with pytest.raises(PlanProblemsError) as caught:
        parse_plan(text, file="my.toml")
    found = [(p.line, p.code) for p in caught.value.problems]
    assert found == [
        (2, "wrong_type"),
        (3, "unknown_zone"),
        (5, "out_of_range"),
        (6, "unknown_key"),
        (7, "tag_malformed"),
        (7, "wrong_type"),
        (9, "unknown_schedule"),
        (11, "unknown_queue"),
        (12, "missing_key"),
        (12, "number_malformed"),
    ]
    assert str(caught.value).count("my.toml:") == len(found)
    assert caught.value.line == 2


def test_a_step_may_drop_what_only_some_numbers_fix() -> None:
    """A regular customer keeps the language for which others need not wait."""
    step = '[[queues.sales.steps]]\nafter_s = 5\ndrop = ["lang:pl"]\n'
    number = '[numbers."+7495555010{}"]\nqueue = "sales"\nneeds = ["lang:pl"]\n'
    fixed = number.format(1) + 'never_relax = ["lang:pl"]\n'
    assert parse_plan(CASES.QUEUE + step + number.format(0) + fixed).plan_id
    with pytest.raises(PlanProblemsError):
        parse_plan(CASES.QUEUE + step + fixed)


def test_a_value_of_the_wrong_type_is_not_blamed_twice() -> None:
    """One mistake, one message: queue = 5 is no unknown queue as well."""
    text = CASES.SOUND.replace('queue = "sales"', "queue = 5")
    with pytest.raises(PlanProblemsError) as caught:
        parse_plan(text)
    assert [problem.code for problem in caught.value.problems] == ["wrong_type"]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """A misspelt file name must end in a message, not in a traceback."""
    missing = tmp_path / "none.toml"
    [problem] = check_plan(missing)
    assert (problem.code, problem.file) == ("file_unreadable", str(missing))
    with pytest.raises(PlanProblemsError, match="cannot read the plan"):
        load_plan(missing)


def test_a_file_in_another_encoding_is_a_problem(tmp_path: Path) -> None:
    """Old editors save names in local encodings."""
    file = tmp_path / "plan.toml"
    file.write_bytes('# a\nname = "Жанна"\n'.encode("cp1251"))
    [problem] = check_plan(file)
    assert (problem.code, problem.line, problem.column) == ("not_utf8", 2, 9)


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    """Windows editors write one."""
    assert check_text("\ufeff" + CASES.SOUND, tmp_path) == ()


@pytest.mark.parametrize("text", ["a = " + "[" * 9999, "a = 1" + "0" * 9999])
def test_strange_files_end_in_a_message(text: str) -> None:
    """Whatever a file holds, the command line must be able to say so."""
    with pytest.raises(PlanProblemsError) as caught:
        parse_plan(text)
    assert caught.value.code == "toml_syntax"


def test_a_plan_from_memory_is_checked_when_compiled() -> None:
    """Programs make plans too; their mistakes must not become a KeyError."""
    raw = parse_plan(CASES.SOUND).raw
    assert compile_plan(raw).name == "s"
    numbers = dict.fromkeys(raw.numbers, raw.numbers["+74955550100"])
    wrong = type(raw)(site=raw.site, numbers=numbers)
    with pytest.raises(PlanProblemsError) as caught:
        compile_plan(wrong)
    assert caught.value.code == "unknown_queue"


def test_paths_are_written_as_in_toml() -> None:
    """People search the file for what a message says."""
    assert dotted(("agents", "anna", "tags", 1)) == "agents.anna.tags[1]"
    assert dotted(("numbers", "+7", "queue")) == 'numbers."+7".queue'
    assert dotted(()) == ""


def test_a_suggestion_among_very_many_names_is_quick() -> None:
    """A site of a hundred thousand agents has misspelt names too."""
    names = [f"agent-{index}" for index in range(100_000)]
    assert suggest("agent-1234x", names) != ""
    assert suggest("zzz", names) == ""


def test_every_code_has_its_line_in_the_reference() -> None:
    """A code that is not documented cannot be looked up."""
    root = Path(__file__).parents[3]
    sources = list((root / "src/skillroute/plan").glob("_*.py"))
    text = "".join(path.read_text("utf-8") for path in sources)
    pages = [root / "docs/reference" / name for name in ("plan.md", "checks.md")]
    page = "".join(each.read_text("utf-8") for each in pages)
    codes = set(re.findall(r'code="([a-z_0-9]+)"', text))
    codes |= {case.code for case in CASES.BROKEN.values()}
    codes |= {case.code for case in CASES.DOUBTFUL.values()}
    assert len(codes) > 30
    assert {code for code in codes if f"`{code}`" not in page} == set()
