"""The example plans: free of doubts, and explained on their pages as they are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from skillroute import events
from skillroute.actions import OfferCall, SendToVoicemail
from skillroute.cli import main
from skillroute.numbers import parse_party
from skillroute.plan import check_plan, load_plan

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
STORIES = {"shop": "a-small-shop", "bank": "a-bank", "help_desk": "a-help-desk"}
MONDAY_MS = 1_772_442_000_000
"""2026-03-02 at nine in the morning, UTC."""
HOUR_MS = 3_600_000

# What happens to calls to a number, from so many hours after MONDAY_MS on: after how
# many seconds who is rung, "box" for a message, empty for nobody.
HAPPENS = {
    "everybody in the shop is asked, the owner last": (
        ("shop", "+48225550100", 1),
        {0: "ola", 12: "piotr", 24: "ewa", 36: "", 46: "ola"},
    ),
    "somebody in the shop knows machines in the morning": (
        ("shop", "+48225550101", 1),
        {0: "piotr", 12: "ewa", 24: "", 34: "piotr"},
    ),
    "the owner answers for machines in the afternoon": (
        ("shop", "+48225550101", 5),
        {0: "ewa", 12: "", 22: "ewa", 110: "ewa", 120: "", 122: "box"},
    ),
    "the shop is closed in the evening": (("shop", "+48225550101", 11), {0: "box"}),
    "cards go to those who know them, then further": (
        ("bank", "+442079460100", 1),
        {0: "anna", 15: "clara", 30: "ben", 45: "grace", 60: "henry"},
    ),
    "loans go to advisers only, however long they take": (
        ("bank", "+442079460900", 1),
        {0: "david", 20: "clara", 40: "grace", 60: "", 70: "david"},
    ),
    "nobody speaks English at ten, and then nobody answers": (
        ("help_desk", "+48225550213", 0),
        {0: "oleg", 15: "box"},
    ),
    "English is spoken at one": (
        ("help_desk", "+48225550213", 3),
        {0: "tom", 15: "marek"},
    ),
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


@pytest.mark.parametrize("story", HAPPENS)
def test_what_a_story_says_happens(backend: SimpleNamespace, story: str) -> None:
    """What the page says of one instant goes on as it says, on every backend."""
    (name, dialled, hours), expected = HAPPENS[story]
    engine = backend.Engine(load_plan(EXAMPLES / f"{name}.toml").compiled)
    start_ms = MONDAY_MS + hours * HOUR_MS
    happened = {0: arrive(engine, "c1", dialled, start_ms)}
    for second in range(1, max(expected) + 1):
        now_ms = start_ms + second * 1000
        happened[second] = went(engine.handle(events.Advanced(), now_ms))
    assert expected == {second: happened[second] for second in expected}


@pytest.mark.parametrize(
    ("name", "dialled", "hours", "rung"),
    [
        ("bank", "+442079460100", 1, ["anna", "clara", "", "ben"]),
        ("help_desk", "+48225550201", 4, ["kasia", "marek", "", "oleg"]),
    ],
)
def test_the_step_lets_somebody_in_while_others_talk(
    backend: SimpleNamespace, name: str, dialled: str, hours: int, rung: list[str]
) -> None:
    """The page says who is next, and when: half a minute of waiting."""
    engine = backend.Engine(load_plan(EXAMPLES / f"{name}.toml").compiled)
    start_ms = MONDAY_MS + hours * HOUR_MS
    happened = []
    for offer, call in enumerate(("c1", "c2"), start=1):
        happened.append(arrive(engine, call, dialled, start_ms))
        engine.handle(events.OfferAccepted(offer=offer), start_ms)
        engine.handle(events.CallConnected(offer=offer), start_ms)
    happened.append(arrive(engine, "c3", dialled, start_ms))
    early = went(engine.handle(events.Advanced(), start_ms + 29_999))
    assert "" == early
    happened.append(went(engine.handle(events.Advanced(), start_ms + 30_000)))
    assert rung == happened


def arrive(engine: Any, call: str, dialled: str, now_ms: int) -> str:
    """Let a call arrive, and tell where it goes."""
    event = events.CallArrived(
        call=call,
        host="lab",
        caller=parse_party("+48600100200"),
        dialled=parse_party(dialled),
    )
    return went(engine.handle(event, now_ms))


def went(orders: tuple[object, ...]) -> str:
    """Name who is rung, or the box; empty: nothing new."""
    rung = [order.agent for order in orders if isinstance(order, OfferCall)]
    rung += ["box" for order in orders if isinstance(order, SendToVoicemail)]
    return ", ".join(rung)
