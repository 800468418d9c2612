"""Plans written back from their bytes: explanations must sound the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from skillroute.decisions import ExplainQuery
from skillroute.events import CallArrived
from skillroute.explain import decision_text
from skillroute.numbers import resolve
from skillroute.plan import Plan, load_plan, written_plan
from skillroute.simulation import default_start_ms, new_engine

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.toml"))
PLANS = [path for path in EXAMPLES if "scenario" not in path.name]


def texts(plan: Plan, words: Plan) -> list[str]:
    """Explain what would become of calls to every number, at three instants."""
    engine = new_engine(plan, "python")
    start_ms = default_start_ms(plan)
    found = []
    for hours in (0, 4, 12):
        for text in plan.raw.numbers:
            arrival = CallArrived(
                call="c1",
                host="explain",
                caller=resolve(plan, ""),
                dialled=resolve(plan, text),
            )
            for waited_ms in (0, 40_000, 400_000):
                query = ExplainQuery(
                    now_ms=start_ms + hours * 3_600_000,
                    arrival=arrival,
                    assume_rested=hours == 0,
                    waited_ms=waited_ms,
                )
                text_of = decision_text(engine.explain(query), words)
                found.append(re.sub(r"[\w:]+(, [\w:]+)+", in_order, text_of))
    return found


def in_order(listed: re.Match[str]) -> str:
    """Sort what is listed: bytes know no order in which tags were written."""
    return ", ".join(sorted(listed[0].split(", ")))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_explanations_sound_the_same(path: Path) -> None:
    """A journal keeps the bytes; who asks it knows the file."""
    plan = load_plan(path)
    written = written_plan(plan.compiled)
    assert plan.plan_id == written.plan_id
    found = texts(plan, plan)
    assert len(found) >= 9
    assert found == texts(plan, written)


def test_there_are_plans_to_compare() -> None:
    """The test above inspects what it finds: it must find something."""
    assert len(PLANS) >= 3
