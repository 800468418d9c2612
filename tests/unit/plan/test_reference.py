"""The page about the plan says of every key what the model says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import NODEFAULT, inspect

from skillroute.plan import model

PAGE = Path(__file__).parents[3] / "docs/reference/plan.md"

HEADINGS: dict[str, type[msgspec.Struct]] = {
    "The top of the file": model.RawPlan,
    "`[site]`": model.RawSite,
    "`[last_resort]`": model.RawLastResort,
    "`[schedules.<name>]`": model.RawSchedule,
    "`[teams.<name>]`": model.RawTeam,
    "`[agents.<id>]`": model.RawAgent,
    "A table in `endpoints`": model.RawEndpoint,
    "`[queues.<name>]`": model.RawQueue,
    "`[[queues.<name>.members]]`": model.RawMembers,
    "`[[queues.<name>.steps]]`": model.RawStep,
    "`[voicemail.<name>]`": model.RawBox,
    '`[numbers."<number>"]`': model.RawNumber,
}


def described(table: type[msgspec.Struct]) -> dict[str, str]:
    """Write each field of a table as the page must have it."""
    kind = inspect.type_info(table)
    assert isinstance(kind, inspect.StructType)
    return {
        field.encode_name: f"- `{field.encode_name}`: {facts(field)}."
        for field in kind.fields
    }


def facts(field: inspect.Field) -> str:
    """Write type, unit, range and default of a field."""
    kind = bare(field.type)
    text = type_words(kind)
    if field.encode_name.endswith("_s"):
        text = text.replace("number", "seconds")
    return f"{text}, {default_words(field)}"


def bare(kind: inspect.Type) -> inspect.Type:
    """Take off descriptions and "or nothing"."""
    while isinstance(kind, (inspect.Metadata, inspect.UnionType)):
        kind = kind.type if isinstance(kind, inspect.Metadata) else kind.types[0]
    return kind


def type_words(kind: Any, many: str = "") -> str:
    """Name a type; with *many* = "s" several of it."""
    match bare(kind):
        case inspect.IntType(ge=low, le=high):
            return f"whole number{many}, {low} to {high}"
        case inspect.FloatType(ge=low, le=high):
            return f"number{many}, {low:.0f} to {high:.0f}"
        case inspect.BoolType():
            return "`true` or `false`"
        case inspect.LiteralType(values=values):
            return " or ".join(f'`"{value}"`' for value in sorted(map(str, values)))
        case inspect.VarTupleType(item_type=item):
            return f"list{many} of {type_words(item, 's')}"
        case inspect.DictType(value_type=value):
            return f"table{many} of {type_words(value, 's')}"
        case inspect.StructType():
            return f"table{many}"
        case _:
            return f"text{many}"


def default_words(field: inspect.Field) -> str:
    """Say what holds when the key is left out."""
    if field.required:
        return "required"
    default = field.default
    if default is NODEFAULT:
        default = field.default_factory()
    match default:
        case None:
            return "optional"
        case msgspec.Struct():
            return "default as below"
        case () | {} | "":
            return "default empty"
        case tuple():
            return f"default `{list(default)}`".replace("'", '"')
        case str():
            return f'default `"{default}"`'
        case _:
            return f"default `{default}`"


def sections() -> dict[str, list[str]]:
    """Return the lines under each heading of the page."""
    parts = re.split(r"^## (.*)\n", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return {
        title: text.splitlines()
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_every_table_of_the_model_has_its_heading() -> None:
    """A table that the page does not know cannot be found by its readers."""
    tables = {getattr(model, name) for name in model.__all__}
    assert set(HEADINGS.values()) == tables
    assert len(tables) >= 9
    assert set(HEADINGS) <= set(sections())


@pytest.mark.parametrize("heading", HEADINGS)
def test_every_key_is_documented_as_it_is(heading: str) -> None:
    """A wrong default or range on the page costs somebody an evening."""
    lines = sections()[heading]
    expected = described(HEADINGS[heading])
    written = {
        match[1]: line
        for line in lines
        if (match := re.match(r"- `([a-z_]+)`: ", line))
    }
    assert set(written) == set(expected)
    assert len(expected) > 0
    for key, start in expected.items():
        assert written[key] == start
        below = lines[lines.index(written[key]) + 1 :]
        assert re.fullmatch(r"  \S.*\.", below[0]), f"{key} has no sentence"
        if start.endswith(", optional."):
            assert below[1].startswith("  Left out: "), f"{key} has no default"


def test_there_is_one_sentence_per_line() -> None:
    """Else a small change shows as a changed paragraph."""
    prose = [
        line for line in PAGE.read_text("utf-8").splitlines() if line[:1].isalpha()
    ]
    assert len(prose) > 10
    assert [line for line in prose if re.search(r"[a-z]\. [A-Z]", line)] == []
