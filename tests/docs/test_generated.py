"""The generated pages: fresh, and with a place for everything there is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from skillroute import actions, contract, errors, events, hookspecs
from skillroute.reference import agent, call, limits, offer
from skillroute.reference.state import CallPhase, OfferPhase, Presence

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "docs" / "reference"
GENERATOR = REPOSITORY / "docs" / "generate.py"


def page(name: str) -> str:
    """Read a page of the reference."""
    return (REFERENCE / name).read_text("utf-8")


def headings(name: str) -> list[str]:
    """List the headings of a page, without their marks."""
    found = re.findall(r"^#+ (.*)$", page(name), re.MULTILINE)
    return [heading.strip("`") for heading in found]


def rows(name: str) -> list[list[str]]:
    """List the rows of all tables of a page, as cells."""
    lines = re.findall(r"^\| (.*) \|$", page(name), re.MULTILINE)
    return [re.split(r" (?<!\\)\| ", line) for line in lines]


def section(name: str, heading: str) -> str:
    """Return what stands under a heading of the third rank."""
    _, _, rest = page(name).partition(f"\n### `{heading}`\n")
    return re.split(r"^##", rest, maxsplit=1, flags=re.MULTILINE)[0]


def test_no_generated_page_is_stale() -> None:
    """A page that tells of yesterday's code misleads whoever relies on it."""
    command = [sys.executable, str(GENERATOR), "--check"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "" == answer.stderr
    assert 0 == answer.returncode


def test_the_generator_refuses_what_it_does_not_know() -> None:
    """A misspelt option must not rewrite the pages that it should check."""
    command = [sys.executable, str(GENERATOR), "--chek"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 2 == answer.returncode
    assert "usage" in answer.stderr


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("events.md", (*events.EVENTS, events.CallStanding)),
        ("actions.md", actions.ACTIONS),
        (
            "events.md",
            (
                contract.Party,
                contract.Required,
                contract.AnyOf,
                contract.Forbidden,
                contract.Preferred,
                contract.Destination,
            ),
        ),
    ],
    ids=["events", "actions", "values"],
)
def test_everything_that_crosses_the_boundary_is_described(
    name: str, classes: tuple[type, ...]
) -> None:
    """A host's author looks up each field there."""
    assert len(classes) > 5
    for cls in classes:
        assert cls.__name__ in headings(name)
        text = section(name, cls.__name__)
        fields = re.findall(r"^- `(\w+)`: ", text, re.MULTILINE)
        assert list(cls.__struct_fields__) == fields  # type: ignore[attr-defined]
        tag = cls.__struct_config__.tag  # type: ignore[attr-defined]
        assert tag is None or re.search(rf"^Tag {tag}[.;]", text, re.MULTILINE)


def test_it_is_said_which_events_are_carried_out() -> None:
    """Nobody should find out by a refusal in production."""
    said = {row[1]: row[3] for row in rows("events.md") if row[0].isdigit()}
    expected = {
        f"[`{event.__name__}`](#{event.__name__.lower()})": (
            "yes" if event in events.ENGINE_EVENTS else "`not_yet`"
        )
        for event in events.EVENTS
    }
    assert expected == said


def test_every_exception_and_every_field_of_it_is_described() -> None:
    """What a caller may catch must be known before it is raised."""
    assert set(errors.__all__) <= set(headings("errors.md"))
    for name in errors.__all__:
        assert re.search(r"^Derived from `", section("errors.md", name), re.MULTILINE)
    for name, fields in {
        "IllegalEventError": ["event", "state", "expected"],
        "LimitError": ["limit", "value"],
        "EventRefusedError": ["actions"],
    }.items():
        text = section("errors.md", name)
        assert fields == re.findall(r"^- `(\w+)`: ", text, re.MULTILINE)


def test_every_code_in_the_source_has_a_row() -> None:
    """A code that is not documented cannot be looked up."""
    documented = {row[0].strip("`") for row in rows("errors.md")}
    found: set[str] = set()
    for file in sorted((REPOSITORY / "src" / "skillroute").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and called(node) in errors.__all__:
                found |= {
                    word.value.value
                    for word in node.keywords
                    if word.arg == "code"
                    and isinstance(word.value, ast.Constant)
                    and isinstance(word.value.value, str)
                }
    assert len(found) > 10
    assert set() == found - documented


def called(node: ast.Call) -> str:
    """Return the name that is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def test_every_code_has_a_meaning_and_a_message() -> None:
    """An empty cell answers nothing."""
    codes = [row for row in rows("errors.md") if row[0].startswith("`")]
    assert len(codes) > 50
    assert [] == [row[0] for row in codes if not all(cell.strip("` ") for cell in row)]


def test_every_limit_has_a_row_with_its_value() -> None:
    """Whoever meets a `LimitError` looks for its name there."""
    said = {row[0].strip("`"): row[1] for row in rows("limits.md")}
    bounds = {name: getattr(limits, name) for name in dir(limits) if name.isupper()}
    assert len(bounds) > 5
    assert {n.lower(): f"{value:,}" for n, value in bounds.items()} == {
        name: value for name, value in said.items() if name not in ("limit", "---")
    }


def test_every_hook_has_a_heading_with_its_signature() -> None:
    """A hook is implemented by its exact signature."""
    hooks = [name for name in dir(hookspecs) if name.startswith("skillroute_")]
    assert hooks
    for name in hooks:
        assert name in headings("hooks.md")
        assert re.search(rf"^{name}\(.*\) -> [\w |]+$", page("hooks.md"), re.MULTILINE)
    fields = hookspecs.HostDescription.__struct_fields__
    assert [] == [f for f in fields if f"\n- `{f}`: " not in page("hooks.md")]


def test_every_pair_of_event_and_state_has_a_cell() -> None:
    """A host's author reads there what comes of a late or doubled event."""
    tables = [
        (offer.OfferEvent, OfferPhase),
        (call.CallEvent, CallPhase),
        (agent.AgentEvent, Presence),
    ]
    found = page("states.md").split("\n## ")[1:]
    assert len(tables) == len(found)
    for (happenings, states), text in zip(tables, found, strict=True):
        lines = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
        assert len(happenings) + 2 == len(lines)
        assert {len(states) + 1} == {len(line.split(" | ")) for line in lines}
        assert "stateDiagram-v2" in text
    cells = page("states.md")
    assert all(word in cells for word in ("**illegal**", "*stale*", "*stale, release*"))


def test_the_words_of_the_reference_are_in_the_glossary() -> None:
    """One word per thing, and a place to look it up."""
    words = [row[0] for row in rows("glossary.md")[2:]]
    assert len(words) > 30
    assert sorted(words, key=str.lower) == words
    assert {"agent", "call", "host", "offer", "queue", "tag", "wrap-up"} <= set(words)
