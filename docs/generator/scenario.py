"""
The page about scenarios: every key of the model, every service level, every code.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import NODEFAULT, inspect

from skillroute.simulation import SERVICE_LEVELS, _scenario_model

from . import texts
from .source import GENERATED, classes, lines, table

HEADINGS = {
    "RawScenario": "The top of the file",
    "RawCalls": "`[calls.<name>]`",
    "RawDistribution": "A length of time",
    "RawCallers": "`[calls.<name>.callers]`",
    "RawRetry": "`[calls.<name>.retry]`",
    "RawReplay": "`[replay]`",
    "RawFactor": "`[factors.<name>]`",
    "RawBehaviour": "`[agents]` and `[groups.<name>]`",
    "RawStaffing": "`[staffing]`",
    "RawStaffingGroup": "`[staffing.groups.<name>]`",
}
"""By class, in the order of the page."""

CODES = {
    "agent_twice": "An agent is in two groups.",
    "arrivals_twice": "Two keys say how many calls come.",
    "break_malformed": "A break is not like `12:00-12:30`, within one day.",
    "calls_malformed": "The file of real calls cannot be read, or a row of it.",
    "column_empty": "A file has a header and no rows.",
    "column_missing": "A file has no such column.",
    "day_too_long": "The rates of a day that begins anew are of more than a day.",
    "file_unreadable": "A file, or the plan, cannot be read.",
    "interval_uneven": "Intervals do not divide the day.",
    "key_unused": "A key has no effect where it stands.",
    "least_above_most": "The least is more than the most.",
    "mean_is_zero": "A distribution cannot have the mean 0; a number can be 0.",
    "missing_key": "A key is needed.",
    "no_arrivals": "It is not said how many calls come.",
    "no_calls": "There are no calls at all.",
    "no_groups": "Staffing is asked of no group.",
    "not_a_number": "A cell of a file is no number of 0 or more.",
    "not_utf8": "A file is not UTF-8.",
    "percent_too_high": "More than a hundred of a hundred offers are accounted for.",
    "sd_out_of_range": "The deviation is no hundredth to ten times the mean.",
    "start_malformed": "The start is no time of ISO 8601.",
    "tag_malformed": "A need is no tag.",
    "thresholds_unsorted": "Thresholds do not ascend, or there is none.",
    "unknown_agent": "The plan has no such agent.",
    "unknown_calls": "The scenario has no such kind of calls.",
    "unknown_factor": "The scenario has no such factor.",
    "unknown_number": "The plan has no such number.",
    "unknown_team": "The plan has no such team.",
    "warm_up_too_long": "The warm-up leaves nothing to count.",
}
"""What each code of a scenario means; those of form are the plan's."""


def page() -> str:
    """
    Write the page.
    """
    text = GENERATED + texts.SCENARIO
    for name, heading in HEADINGS.items():
        text += f"\n## {heading}\n\n{_section(name)}"
    levels = [(f"`{name}`", words) for name, (_, words) in SERVICE_LEVELS.items()]
    text += "\n## Service levels\n\n" + table(("name", "what it is"), levels)
    codes = [(f"`{code}`", meaning) for code, meaning in CODES.items()]
    return (
        f"{text}\n## Errors\n\n"
        "Errors of form have the codes that they have in [plans](plan.md).\n\n"
        + table(("code", "what it means"), codes)
    )


def _section(name: str) -> str:
    written = classes("simulation/_scenario_model.py")[name]
    _, _, about = written.text.partition(": ")
    text = texts.LENGTHS if name == "RawDistribution" else ""
    if about and text == "":
        text = lines(about[:1].upper() + about[1:]) + "\n"
    notes = {field.name: field.text for field in written.fields}
    kind = inspect.type_info(getattr(_scenario_model, name))
    assert isinstance(kind, inspect.StructType)
    hints = typing.get_type_hints(getattr(_scenario_model, name), include_extras=True)
    for field in kind.fields:
        facts = f"{_words(field.type)}, {_default(field)}"
        text += f"- `{field.encode_name}`: {facts}.\n"
        text += lines(_description(hints[field.encode_name]), "  ")
        note = " ".join(notes[field.encode_name].split())
        if note.startswith("None: "):
            text += lines("Left out: " + note.removeprefix("None: "), "  ")
    return text


def _description(hint: Any) -> str:
    """
    Return what a field's own note says, not that of a part of its type.
    """
    metas = [each for each in hint.__metadata__ if isinstance(each, msgspec.Meta)]
    return str(metas[-1].description)


def _parts(kind: inspect.Type) -> Iterator[inspect.Type]:
    """
    Yield the types that a value may have, without descriptions and "or nothing".
    """
    match kind:
        case inspect.Metadata(type=inner):
            yield from _parts(inner)
        case inspect.UnionType(types=kinds):
            for each in kinds:
                yield from _parts(each)
        case inspect.NoneType():
            return
        case _:
            yield kind


def _words(kind: inspect.Type, many: str = "") -> str:
    parts = list(_parts(kind))
    if any(isinstance(part, inspect.FloatType) for part in parts) and len(parts) > 1:
        return f"[length{many} of time](#a-length-of-time)"
    [part] = parts
    match part:
        case inspect.IntType(ge=low, le=high):
            return f"whole number{many}, {low} to {high}"
        case inspect.FloatType(ge=low, le=high):
            return f"number{many}, {low:g} to {high:.10g}"
        case inspect.BoolType():
            return "`true` or `false`"
        case inspect.LiteralType(values=values):
            return " or ".join(f'`"{value}"`' for value in sorted(map(str, values)))
        case inspect.VarTupleType(item_type=item):
            return f"list{many} of {_words(item, 's')}"
        case inspect.DictType(value_type=value):
            return f"table{many} of {_words(value, 's')}"
        case inspect.StructType():
            return f"table{many}"
        case _:
            return f"text{many}"


def _default(field: inspect.Field) -> str:
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
            return f"default `{list(default)}`"
        case bool():
            return f"default `{str(default).lower()}`"
        case str():
            return f'default `"{default}"`'
        case _:
            return f"default `{default}`"
