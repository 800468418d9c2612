"""
Checks a parsed document against the model, leaf by leaf.

``msgspec.convert`` is fast but stops at the first fault.  So it is tried first, and
only if it fails is every table and leaf looked at alone: each fault is noted with
its path, and a stand-in of the right type takes the faulty value's place, so that
the rest of the plan can be checked further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import NODEFAULT, inspect

from ._problems import Fault, Path, dotted, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["convert"]

_T = TypeVar("_T")


def convert(
    value: object, model: type[_T], path: Path = (), *, what: str = "the plan"
) -> tuple[_T, list[Fault]]:
    """
    Make *model* of a parsed value, with all its faults of form.

    Args:
        value: What TOML, JSON or CSV gave.
        model: A class of ``model.py``.
        path: Where *value* stands in the plan.
        what: What the whole document is, for messages.

    Returns:
        The object and the faults; with faults, stand-ins are in it.

    Cost: linear; about ten times as much if there is any fault.
    """
    try:
        return msgspec.convert(value, model), []
    except msgspec.ValidationError:
        walk = _Walk(what)
        mended = walk.value(value, inspect.type_info(model), path)
        return msgspec.convert(mended, model), walk.faults


class _Walk:
    """
    One walk over a document, gathering faults.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.faults: list[Fault] = []

    def value(self, value: object, kind: inspect.Type, path: Path) -> object:
        """
        Check a value of any kind; return it, mended.
        """
        kind = _bare(kind, value)
        match kind:
            case inspect.StructType():
                return self._table(value, kind, path)
            case inspect.DictType():
                return self._names(value, kind, path)
            case inspect.VarTupleType():
                return self._items(value, kind, path)
            case _:
                return self._leaf(value, kind, path)

    def _table(self, value: object, kind: inspect.StructType, path: Path) -> object:
        if not isinstance(value, dict):
            self._wrong_type(value, kind, path)
            value = {}
        fields = {field.encode_name: field for field in kind.fields}
        for key in value.keys() - fields.keys():
            self._unknown_key(key, fields, path)
        mended = {}
        for name, field in fields.items():
            if name in value:
                mended[name] = self.value(value[name], field.type, (*path, name))
            elif field.required:
                mended[name] = _stand_in(field.type)
                if not self._is_at_fault(path):
                    self._missing_key(name, path)
        return mended

    def _names(self, value: object, kind: inspect.DictType, path: Path) -> object:
        if not isinstance(value, dict):
            self._wrong_type(value, kind, path)
            return {}
        return {
            key: self.value(item, kind.value_type, (*path, key))
            for key, item in value.items()
        }

    def _items(self, value: object, kind: inspect.VarTupleType, path: Path) -> object:
        if not isinstance(value, (list, tuple)):
            self._wrong_type(value, kind, path)
            return []
        if kind.max_length is not None and len(value) > kind.max_length:
            hint = f"allowed are {kind.max_length}"
            self._add("too_many", path, f"has {len(value)} items", hint)
            return []
        return [
            self.value(item, kind.item_type, (*path, index))
            for index, item in enumerate(value)
        ]

    def _leaf(self, value: object, kind: inspect.Type, path: Path) -> object:
        if not _is_of(value, kind):
            self._wrong_type(value, kind, path)
        elif isinstance(kind, inspect.LiteralType) and value not in kind.values:
            self._unknown_value(str(value), kind, path)
        elif isinstance(kind, inspect.StrType) and len(str(value)) < _least(kind):
            self._add("empty_text", path, "is empty", "write a text, or leave it out")
        elif isinstance(kind, (inspect.IntType, inspect.FloatType)) and not _in_range(
            value, kind
        ):
            self._add(
                "out_of_range", path, f"is {value}", f"allowed is {_range_text(kind)}"
            )
        else:
            return value
        return _stand_in(kind)

    def _unknown_key(
        self, key: str, fields: Mapping[str, inspect.Field], path: Path
    ) -> None:
        where = f"[{dotted(path)}]" if path else self.what
        self.faults.append(
            Fault(
                code="unknown_key",
                message=f"{where} has no key {key!r}",
                path=(*path, key),
                on_key=True,
                hint=suggest(key, fields) or f"keys are {', '.join(sorted(fields))}",
            )
        )

    def _missing_key(self, name: str, path: Path) -> None:
        where = f"[{dotted(path)}]" if path else self.what
        self.faults.append(
            Fault(
                code="missing_key",
                message=f"{where} needs the key {name!r}",
                path=(*path, name),
                hint=_MISSING_HINTS.get(name, ""),
            )
        )

    def _unknown_value(self, value: str, kind: inspect.LiteralType, path: Path) -> None:
        known = [str(item) for item in kind.values]
        self._add("unknown_value", path, f"is {value!r}", suggest(value, known))

    def _wrong_type(self, value: object, kind: inspect.Type, path: Path) -> None:
        hint = ""
        if isinstance(kind, inspect.VarTupleType) and isinstance(value, str):
            hint = f'write ["{value}"]'
        elif isinstance(kind, (inspect.IntType, inspect.FloatType)):
            hint = f"write it without quotes, {_range_text(kind)}"
        elif isinstance(kind, (inspect.StrType, inspect.LiteralType)):
            hint = f'write it in quotes: "{value}"' if _is_plain(value) else ""
        self._add("wrong_type", path, f"is {_said(value)}, not {_expected(kind)}", hint)

    def _add(self, code: str, path: Path, what: str, hint: str) -> None:
        self.faults.append(
            Fault(code=code, message=f"{dotted(path)} {what}", path=path, hint=hint)
        )

    def _is_at_fault(self, path: Path) -> bool:
        return bool(self.faults) and self.faults[-1].path == path


_MISSING_HINTS = {
    "site": 'begin with [site] and name = "..."',
    "name": 'give the site a name: name = "my-site"',
    "queue": "name the queue that calls to this number enter",
    "address": 'such as {address = "+4930123456", confirm = "1"}',
    "weekly": 'such as weekly = ["mo-fr 09:00-18:00"]',
    "agents": "list the agents' ids",
}
"""What to write for a key that has no default."""


def _bare(kind: inspect.Type, value: object = None) -> inspect.Type:
    """
    Take off descriptions and "or nothing"; of several types it is the first, but for
    a table the one that is a table.
    """
    if isinstance(kind, inspect.Metadata):
        return _bare(kind.type, value)
    if isinstance(kind, inspect.UnionType):
        some = [part for part in kind.types if not isinstance(part, inspect.NoneType)]
        tables = [part for part in some if isinstance(_bare(part), inspect.StructType)]
        return _bare(tables[0] if tables and isinstance(value, dict) else some[0])
    return kind


def _is_of(value: object, kind: inspect.Type) -> bool:
    """
    Tell whether a leaf has the type that is expected, whatever its value.
    """
    if isinstance(value, bool):
        return isinstance(kind, inspect.BoolType)
    match kind:
        case inspect.StrType() | inspect.LiteralType():
            return isinstance(value, str)
        case inspect.IntType():
            return isinstance(value, int)
        case inspect.FloatType():
            return isinstance(value, (int, float))
        case _:
            return False


def _in_range(value: Any, kind: inspect.IntType | inspect.FloatType) -> bool:
    # Written so that "not a number" is out of every range.
    low = kind.ge is None or value >= kind.ge
    high = kind.le is None or value <= kind.le
    return low and high


def _range_text(kind: inspect.IntType | inspect.FloatType) -> str:
    whole = "whole " if isinstance(kind, inspect.IntType) else ""
    if kind.ge is None or kind.le is None:
        return f"a {whole}number"
    return f"{whole}{kind.ge:.0f} to {kind.le:.0f}"


def _least(kind: inspect.StrType) -> int:
    return kind.min_length or 0


def _is_plain(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _said(value: object) -> str:
    """
    Name what was found, for a person.
    """
    match value:
        case bool():
            return f"{value}".lower()
        case str():
            return f"the text {value!r}" if len(value) <= 40 else "a text"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case None:
            return "nothing"
        case _:
            return "a date or time"


def _expected(kind: inspect.Type) -> str:
    """
    Name what would be right, for a person.
    """
    match kind:
        case inspect.StructType() | inspect.DictType():
            return "a table"
        case inspect.VarTupleType():
            return "a list"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number"
        case inspect.FloatType():
            return "a number"
        case _:
            return "a text"


def _stand_in(kind: inspect.Type) -> object:
    """
    Return some right value, to go on checking with.
    """
    kind = _bare(kind)
    match kind:
        case inspect.StructType():
            required = (field for field in kind.fields if field.default is NODEFAULT)
            return {
                field.encode_name: _stand_in(field.type)
                for field in required
                if field.required
            }
        case inspect.DictType():
            return {}
        case inspect.VarTupleType():
            return []
        case inspect.BoolType():
            return False
        case inspect.IntType() | inspect.FloatType():
            return kind.ge if kind.ge is not None else 0
        case inspect.LiteralType():
            return kind.values[0]
        case _:
            return "?"
