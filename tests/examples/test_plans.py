"""The example plans: free of doubts, and explained on their pages as they are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest

from skillroute import events
from skillroute.actions import OfferCall
from skillroute.cli import main
from skillroute.numbers import parse_party
from skillroute.plan import check_plan, load_plan

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
STORIES = {"shop": "a-small-shop", "bank": "a-bank", "help_desk": "a-help-desk"}
MONDAY_MS = 1_772_442_000_000
"""2026-03-02 at nine in the morning, UTC."""
HOUR_MS = 3_600_000

# Who is rung for a call to a number, so many hours after MONDAY_MS.
RUNG = {
    ("shop", "+48225550100", 1): "ola",
    ("shop", "+48225550101", 1): "piotr",
    ("shop", "+48225550101", 5): "ewa",
    ("bank", "+442079460100", 1): "anna",
    ("bank", "+442079460900", 1): "david",
    ("help_desk", "+48225550201", 1): "kasia",
    ("help_desk", "+48225550202", 1): "oleg",
    ("help_desk", "+48225550213", 0): "oleg",
    ("help_desk", "+48225550213", 4): "tom",
}


def quoted(story: str) -> list[tuple[str, str]]:
    """List the commands of a page, each with what it says that they print."""
    page = ROOT / "docs" / "explanation" / f"{story}.md"
    blocks = re.findall(
        r"```console\n\$ skillroute (.*)\n([^`]*)```", page.read_text("utf-8")
    )
    return [(command, printed) for command, printed in blocks]


@pytest.mark.parametrize("name", STORIES)
def test_a_plan_has_no_doubts(name: str) -> None:
    """An example is copied as it stands."""
    problems = check_plan(EXAMPLES / f"{name}.toml")
    assert [] == [p for p in problems if p.severity != "note"]


@pytest.mark.parametrize("name", STORIES)
def test_a_page_shows_what_is_printed(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A story about another answer than the reader gets helps nobody."""
    monkeypatch.chdir(ROOT)
    shown = quoted(STORIES[name])
    assert len(shown) >= 2
    for command, printed in shown:
        with pytest.raises(SystemExit):
            main(shlex.split(command))
        assert printed == capsys.readouterr().out


@pytest.mark.parametrize("name", STORIES)
def test_a_page_quotes_its_plan(name: str) -> None:
    """What the page says is the plan must be in the plan."""
    page = (ROOT / "docs" / "explanation" / f"{STORIES[name]}.md").read_text("utf-8")
    parts = re.findall(r"```toml\n(.*?)\n```", page, re.DOTALL)
    assert len(parts) > 0
    plan = (EXAMPLES / f"{name}.toml").read_text("utf-8")
    assert [] == [part for part in parts if part not in plan]


@pytest.mark.parametrize("call", RUNG)
def test_the_agent_of_the_story_is_rung(
    backend: SimpleNamespace, call: tuple[str, str, int]
) -> None:
    """What the page says of an engine holds on every backend."""
    name, dialled, hours = call
    engine = backend.Engine(load_plan(EXAMPLES / f"{name}.toml").compiled)
    orders = engine.handle(
        events.CallArrived(
            call="c1",
            host="lab",
            caller=parse_party("+48600100200"),
            dialled=parse_party(dialled),
        ),
        MONDAY_MS + hours * HOUR_MS,
    )
    rung = [order.agent for order in orders if isinstance(order, OfferCall)]
    assert [RUNG[call]] == rung
