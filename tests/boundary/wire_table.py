"""
The wire table: which fields, of which types, stand where in a record.

Journals are written with it, so it is append-only: a line, once there, stays as it is.

    python tests/boundary/wire_table.py            print what is missing
    python tests/boundary/wire_table.py --write    append it to wire_table.txt
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from msgspec import inspect

from skillroute import actions, contract, decisions, events

TABLE = Path(__file__).with_name("wire_table.txt")

STRUCTS: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "event": events.EVENTS,
    "action": actions.ACTIONS,
    "contract": (
        contract.Party,
        contract.Required,
        contract.AnyOf,
        contract.Forbidden,
        contract.Preferred,
        contract.PreferredAgent,
        contract.Destination,
        events.CallStanding,
    ),
    "decision": (
        decisions.ExplainQuery,
        decisions.AgentAssumption,
        decisions.Decision,
        decisions.NeedSource,
        decisions.FlowStep,
        decisions.AgentVerdict,
        decisions.AssumedTag,
        decisions.AgentQuery,
        decisions.CompetingCall,
        decisions.CallVerdict,
        decisions.ReasonCount,
        decisions.AgentDecision,
    ),
}
"""Every struct that crosses the boundary, by kind."""


def lines_of_the_code() -> list[str]:
    """Write one line per struct and one per field, as the code has them now."""
    return [
        line
        for kind, structs in STRUCTS.items()
        for struct in structs
        for line in struct_lines(kind, struct)
    ]


def struct_lines(kind: str, struct: type[msgspec.Struct]) -> list[str]:
    """Write the lines of one struct: its tag, then its fields by place."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    head = f"{kind} {struct.__name__}"
    lines = [f"{head} tag {'-' if info.tag is None else info.tag}"]
    for place, field in enumerate(info.fields):
        need = "required" if field.required else f"default {default(field)}"
        where = f"{head} {place} {field.name}"
        lines.append(f"{where}: {type_name(field.type)}, {need}")
        lines += [f"{where} may be {choice}" for choice in choices(field.type)]
    return lines


def default(field: inspect.Field) -> str:
    """Write what a field is if a record ends before it."""
    factory = field.default_factory
    return repr(field.default if factory is msgspec.NODEFAULT else factory())


def type_name(kind: inspect.Type) -> str:
    """Write a type; what may be one of several has a line for each of them."""
    match kind:
        case inspect.UnionType(types=types) if kind.includes_none:
            (other,) = (
                each for each in types if not isinstance(each, inspect.NoneType)
            )
            return f"{type_name(other)} or None"
        case inspect.UnionType():
            return "tagged"
        case inspect.LiteralType():
            return "word"
        case inspect.VarTupleType(item_type=item):
            return f"tuple[{type_name(item)}, ...]"
        case inspect.TupleType(item_types=items):
            return f"tuple[{', '.join(map(type_name, items))}]"
        case inspect.StructType(cls=cls):
            return cls.__name__
        case _:
            return type(kind).__name__.removesuffix("Type").lower()


def choices(kind: inspect.Type) -> list[str]:
    """List the words or structs that may stand in a field; others may join them."""
    match kind:
        case inspect.LiteralType(values=values):
            return sorted(map(repr, values))
        case inspect.VarTupleType(item_type=item):
            return choices(item)
        case inspect.UnionType(types=types) if not kind.includes_none:
            return [each.cls.__name__ for each in types if hasattr(each, "cls")]
        case _:
            return []


def lines_of_the_table() -> list[str]:
    """Read the committed table, without its comments."""
    text = TABLE.read_text("utf-8") if TABLE.is_file() else ""
    return [line for line in text.splitlines() if line and line[0] != "#"]


def main(arguments: list[str]) -> int:
    """Print what the table lacks, and append it if asked to."""
    table = set(lines_of_the_table())
    missing = [line for line in lines_of_the_code() if line not in table]
    sys.stdout.write("".join(f"{line}\n" for line in missing))
    if arguments == ["--write"]:
        with TABLE.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in missing)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
