"""
The pages about events and actions, and about the values that both carry.
"""

from __future__ import annotations

import msgspec

from skillroute import actions, contract, events

from . import texts
from .source import GENERATED, Class, Field, classes, first_sentence, lines, table


def events_page() -> str:
    """
    Write the page about events.
    """
    found = classes("events.py")
    tags = {event.__name__: _tag(event) for event in events.EVENTS}
    carried = {event.__name__ for event in events.ENGINE_EVENTS}
    today = {name: "yes" if name in carried else "`not_yet`" for name in tags}
    rows = [
        (str(tag), f"[`{name}`](#{name.lower()})", _summary(found[name]), today[name])
        for name, tag in tags.items()
    ]
    text = GENERATED + texts.EVENTS
    text += table(("tag", "event", "what happened", "carried out today"), rows) + "\n"
    for name, tag in tags.items():
        does = "carries it out" if name in carried else "answers `not_yet`"
        text += _section(found[name], f"Tag {tag}; today's engine {does}.\n")
    shared = {"CallStanding": found["CallStanding"], **classes("contract.py")}
    return text + texts.VALUES + "".join(map(_value_section, shared.values()))[:-1]


def actions_page() -> str:
    """
    Write the page about actions.
    """
    found = classes("actions.py")
    tags = {action.__name__: _tag(action) for action in actions.ACTIONS}
    rows = [
        (str(tag), f"[`{name}`](#{name.lower()})", _summary(found[name]))
        for name, tag in tags.items()
    ]
    text = (
        GENERATED + texts.ACTIONS + table(("tag", "action", "the order"), rows) + "\n"
    )
    for name, tag in tags.items():
        text += _section(found[name], f"Tag {tag}.\n", found["_Action"].fields)
    return (
        text
        + "`Party` and `Destination` are described with [Events](events.md#party).\n"
    )


def _tag(cls: type[msgspec.Struct]) -> int:
    tag = cls.__struct_config__.tag
    assert isinstance(tag, int)
    return tag


def _summary(cls: Class) -> str:
    return first_sentence(cls.text)


def _section(cls: Class, facts: str, inherited: tuple[Field, ...] = ()) -> str:
    text = f"### `{cls.name}`\n\n{lines(cls.text)}\n{facts}\n"
    return text + _fields((*inherited, *cls.fields))


def _value_section(cls: Class) -> str:
    tag = getattr(contract, cls.name, events.CallStanding).__struct_config__.tag
    facts = "" if tag is None else f"Tag {tag}.\n\n"
    return f"### `{cls.name}`\n\n{lines(cls.text)}\n{facts}" + _fields(cls.fields)


def _fields(fields: tuple[Field, ...]) -> str:
    if not fields:
        return "It has no fields.\n\n"
    return "".join(_field(field) for field in fields) + "\n"


def _field(field: Field) -> str:
    default = f"default `{field.default}`" if field.default else "required"
    kind = field.type.replace("'", '"')
    return f"- `{field.name}`: `{kind}`, {default}.\n".replace(
        "default `''`", "default empty"
    ).replace("default `()`", "default empty") + lines(field.text, "  ")
