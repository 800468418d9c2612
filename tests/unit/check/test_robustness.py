"""Whatever a plan says, checking it ends in an answer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from skillroute.plan import check_plan, starter_plan
from tests.unit.check.doubtful_plans import DOUBTFUL
from tests.unit.check.sound_plan import SOUND

TEXTS = [starter_plan(), *(c.text.replace("@", "", 1) for c in DOUBTFUL.values())]


def damaged(draw: random.Random, text: str) -> str:
    """Take lines out, put them elsewhere, and exchange values."""
    lines = text.splitlines()
    for _ in range(draw.randint(1, 4)):
        index = draw.randrange(len(lines))
        what = draw.randrange(4)
        if what == 0 and len(lines) > 2:
            del lines[index]
        elif what == 1:
            lines.insert(draw.randrange(len(lines)), lines[index])
        elif what == 2:
            key, mark, _ = lines[index].partition(" = ")
            _, _, value = draw.choice(lines).partition(" = ")
            lines[index] = key + mark + (value if mark else "")
        else:
            lines[index] = lines[index].replace(
                draw.choice(("sales", "anna", "0", "a")), draw.choice(("b", "9", ""))
            )
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(12))
def test_no_damage_ends_in_a_traceback(seed: int, tmp_path: Path) -> None:
    """The command line has one word for a broken plan, and it is not an exception."""
    draw = random.Random(seed)
    file = tmp_path / "plan.toml"
    kinds = set()
    for _ in range(60):
        file.write_text(damaged(draw, draw.choice(TEXTS)), "utf-8")
        problems = check_plan(file)
        kinds |= {problem.severity for problem in problems}
        assert all(problem.line and problem.message for problem in problems)
    assert {"error", "warning"} <= kinds


def test_of_many_alike_only_the_first_are_told(tmp_path: Path) -> None:
    """Ten thousand lines of the same hide the one that is different."""
    agents = "".join(f"[agents.a{n}]\n" for n in range(1000))
    file = tmp_path / "plan.toml"
    file.write_text(SOUND + agents, "utf-8")
    problems = check_plan(file)
    assert 100 == len(problems)
    assert {"agent_unreachable"} == {problem.code for problem in problems}
    assert "there are 900 more like this" in problems[-1].message
