"""Every lint finds its fault, at its place, and says nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from skillroute.check import LINTS
from skillroute.plan import check_plan, parse_plan, starter_plan
from tests.unit.check.doubtful_plans import DOUBTFUL
from tests.unit.check.sound_plan import SOUND

if TYPE_CHECKING:
    from skillroute.plan import Problem


SEVERITY = {lint.code: lint.severity for lint in LINTS}


def check_text(text: str, folder: Path) -> tuple[Problem, ...]:
    """Check a plan that stands in a file."""
    file = folder / "plan.toml"
    file.write_text(text, "utf-8")
    return check_plan(file)


@pytest.mark.parametrize("name", DOUBTFUL)
def test_one_doubt_is_told_at_its_place_and_nothing_else(
    name: str, tmp_path: Path
) -> None:
    """An administrator is sent to what is hardly meant, with what to do about it."""
    case = DOUBTFUL[name]
    before, after = case.text.split("@", 1)
    text = before + after
    [problem] = [p for p in check_text(text, tmp_path) if p.code != case.also]
    assert (case.code, SEVERITY[case.code]) == (problem.code, problem.severity)
    place = (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    assert place == (problem.line, problem.column)
    assert case.message in problem.message
    assert case.hint in problem.hint
    assert parse_plan(text).plan_id


def test_every_lint_has_a_plan_that_it_finds() -> None:
    """A lint that no plan raises may never have worked."""
    codes = {lint.code for lint in LINTS}
    assert len(codes) == len(LINTS) > 30
    raised = {case.code for case in DOUBTFUL.values()}
    # These two are raised in tests/unit/plan.
    assert codes == raised | {"hours_overlap", "repeated"}


def test_of_a_sound_plan_nothing_is_said(tmp_path: Path) -> None:
    """Doubts about nothing would hide those about something."""
    assert () == check_text(SOUND, tmp_path)


@pytest.mark.parametrize("limit", ["size = 3", "leave_when_empty = true"])
def test_who_turns_callers_away_has_an_overflow(limit: str, tmp_path: Path) -> None:
    """A queue without a longest wait may have other limits that lead there."""
    plan = SOUND.replace("max_wait_s = 300", f'overflow = "last_resort"\n{limit}')
    assert () == check_text(plan, tmp_path)


def test_the_first_plan_of_a_beginner_gets_no_warning(tmp_path: Path) -> None:
    """What `init` writes is what people copy."""
    problems = check_text(starter_plan(), tmp_path)
    assert ["closed", "overtaking"] == [problem.code for problem in problems]
    assert {"note"} == {problem.severity for problem in problems}
