"""Every key and value of a TOML text is found where it stands."""

from __future__ import annotations

import string
import tomllib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from skillroute.plan._positions import Positions

CASES = {
    "bare keys": "a = 1\nb_1-x = 'two'\n",
    "quoted keys": '"a b" = 1\n\'c.d\' = 2\n"\\u0041\\"" = 3\n\'\' = 4\n',
    "dotted keys": "a.b.c = 1\na . 'x y' . \"z\" = 2\n",
    "tables": "[t]\na = 1\n[t.u]\na = 2\n[v.w.x]\na = 3\n[v]\nb = 4\n",
    "headers with spaces": "[ t . 'u v' ]  # why\n  a = 1\n",
    "arrays of tables": (
        "[[t]]\na = 1\n[t.u]\nb = 2\n[[t]]\na = 3\n[[t.v]]\nc = 4\n[[t.v]]\nc = 5\n"
    ),
    "inline tables": "a = { b = 1, c.d = 'x', e = { f = [1, { g = 2 }] } }\nh = {}\n",
    "lists": (
        "a = [1, 'two', [3, 4], [], ]\nb = [\n  # one\n  1, # two\n\n  2\n  ,\n]\n"
    ),
    "basic texts": 'a = "x # no \\" comment"\nb = ""\nc = ["]", "}", ",", "="]\n',
    "literal texts": "a = 'x # \\'\nb = ''\nc = ['[', '\"']\n",
    "long texts": (
        'a = """\nx = 1 # " ""\n\\""" [t]\n"""\nb = """"q"""""\nc = """"""\nd = 1\n'
    ),
    "long literal texts": (
        "a = '''\nx = 1 ' ''\n[t]\n'''\nb = ''''q'''''\nc = ''''''\nd = 1\n"
    ),
    "line ending backslash": 'a = """x \\\n   y"""\nb = 1\n',
    "numbers": "a = +1_000\nb = 0x1F\nc = 1e-6\nd = [inf, -nan]\n",
    "dates": "a = 1979-05-27 07:32:00\nb = [1979-05-27, 07:32:00]\nc = true # x\n",
    "windows lines": (
        "a = 1\r\n[t]\r\nb = [\r\n 1,\r\n]\r\nc = '''\r\nx'''\r\nd = 2\r\n"
    ),
    "no last newline": "a = 1\n[t]\nb = 2",
    "comments only": "# a = 1\n   # [t]\n",
    "nothing": "",
    "tabs": "\ta\t=\t1\n[\tt\t]\n\tb\t=\t[\t1\t]\n",
    "far letters": 'a = "\u0416\U0001f4de"\nb = [ "\u00e9", 1 ]\n',
}


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[Any]:
    """Return (path, value) of everything that is no table and no list."""
    if not isinstance(value, (dict, list)):
        return [(path, value)]
    items: Any = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for key, item in items for leaf in leaves(item, (*path, key))]


def check_every_leaf(text: str) -> int:
    """Parse what stands at each leaf's place and compare; return their number."""
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    found = leaves(tomllib.loads(text))
    positions = Positions(text)
    for path, value in found:
        line, column = positions.of_value(path)
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        assert value_at_start(rest) == repr(value), path
        assert_key_stands_before(positions.of_key(path), (line, column), path)
    return len(found)


def assert_key_stands_before(
    key: tuple[int, int], value: tuple[int, int], path: tuple[str | int, ...]
) -> None:
    """A list item is its own key; another key stands before its value."""
    if isinstance(path[-1], int):
        assert key == value, path
    else:
        assert key < value, path


def value_at_start(rest: str) -> str:
    """Parse the one value that *rest* begins with, whatever follows it."""
    ends = [at for at, letter in enumerate(rest) if letter in ",]}\n#"]
    for end in [*ends, len(rest)]:
        try:
            return repr(tomllib.loads(f"x = {rest[:end]}")["x"])
        except tomllib.TOMLDecodeError:
            continue
    return "nothing that could be parsed"


@pytest.mark.parametrize("name", CASES)
def test_every_value_is_found_where_it_stands(name: str) -> None:
    """Else an error message points at an innocent line."""
    count = check_every_leaf(CASES[name])
    assert (count == 0) == (name in {"comments only", "nothing"})


def test_windows_line_ends_do_not_move_lines() -> None:
    """Else a plan saved on Windows is blamed at the wrong places."""
    positions = Positions("a = 1\r\n[t]\r\nb = [\r\n  7,\r\n]\r\n")
    assert positions.of_value(("t", "b", 0)) == (4, 3)


def test_a_table_has_the_place_of_its_name() -> None:
    """Warnings about a queue or agent point at its header."""
    positions = Positions('[a]\nx = 1\n\n[queues."my q"]\nring_s = 1\n')
    assert positions.of_value(("queues", "my q")) == (4, 9)
    assert positions.of_key(("queues",)) == (4, 2)
    assert positions.of_key(("queues", "my q", "ring_s")) == (5, 1)
    assert positions.of_value(("queues", "my q", "ring_s")) == (5, 10)


def test_what_is_missing_has_the_place_of_what_would_hold_it() -> None:
    """A missing key points at its table; a missing table at the top."""
    positions = Positions("# plan\n[a.b]\nx = 1\n")
    assert positions.of_key(("a", "b", "missing")) == (2, 4)
    assert positions.of_value(("nowhere", "at", "all")) == (1, 1)


def test_a_deeply_nested_list_does_no_harm() -> None:
    """A strange file must end in a message, not in a traceback."""
    positions = Positions("a = " + "[" * 5000 + "]" * 5000 + "\nb = 1\n")
    assert positions.of_value(("a",)) == (1, 5)


KEYS = st.one_of(
    st.text(string.ascii_lowercase, min_size=1, max_size=3),
    st.sampled_from(["a b", "x.y", "", "\u0416", "q'q", "7", "-"]),
)
TEXTS = st.text("abc \"'#[]{}=,.\\\n\t\u0416\U0001f4de", max_size=8)
NUMBERS = st.one_of(st.integers(-99, 99), st.booleans(), st.floats(allow_nan=False))
VALUES = st.recursive(
    st.one_of(TEXTS, NUMBERS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=12,
)


class Writer:
    """Writes a document as TOML in one of the many ways there are."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def pick(self, *ways: Any) -> Any:
        """Draw one of several ways to write something."""
        return self.draw(st.sampled_from(ways))

    def table(self, value: dict[str, Any], path: tuple[str, ...] = ()) -> str:
        """Write keys, then the tables below under headers of their own."""
        below = {}
        text = ""
        for key, item in value.items():
            if self.has_header(item):
                below[key] = item
                continue
            gap = self.pick("", " ", "\t")
            note = self.pick("", " # a = [1]", "  ")
            text += f"{gap}{self.key(key)}{gap}={gap}{self.value(item)}{note}\n"
        return text + "".join(
            self.headed(item, (*path, self.key(key))) for key, item in below.items()
        )

    def has_header(self, item: Any) -> bool:
        """Decide whether a value is written under a header."""
        tables = item if isinstance(item, list) else [item]
        only_tables = tables and all(isinstance(table, dict) for table in tables)
        return bool(only_tables and self.pick(True, False))

    def headed(self, item: Any, path: tuple[str, ...]) -> str:
        """Write a table, or an array of tables, under its headers."""
        name = self.pick(".", " . ").join(path)
        if isinstance(item, dict):
            return f"[{name}]\n{self.table(item, path)}"
        return "".join(f"[[{name}]]\n{self.table(one, path)}" for one in item)

    def key(self, key: str) -> str:
        """Write a key, in quotes if it needs them or by chance."""
        bare = key and all(
            c in string.ascii_letters + string.digits + "_-" for c in key
        )
        if bare and self.pick(True, False):
            return key
        return self.basic(key) if "'" in key or self.pick(True, False) else f"'{key}'"

    def value(self, value: Any) -> str:
        """Write a value in a line or in several."""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            space = self.pick("", " ", "\n", " # ],\n  ")
            items = f"{space},{space}".join(self.value(item) for item in value)
            comma = self.pick("", ",") if value else ""
            return f"[{space}{items}{space}{comma}{space}]"
        if isinstance(value, dict):
            pairs = (f"{self.key(k)} = {self.value(v)}" for k, v in value.items())
            return f"{{{self.pick('', ' ')}{', '.join(pairs)} }}"
        return repr(value)

    def text(self, value: str) -> str:
        """Write a text with one of the four kinds of quotes."""
        kind = self.pick("basic", "literal", "long basic", "long literal")
        if kind == "long basic":
            return f'"""{self.escaped(value, keep=chr(10))}"""'
        if kind == "literal" and "'" not in value and "\n" not in value:
            return f"'{value}'"
        long_literal = kind == "long literal" and "'" not in value
        if long_literal and not value.startswith("\n"):
            return f"'''{value}'''"
        return self.basic(value)

    def basic(self, value: str) -> str:
        """Write a text in quotes."""
        return f'"{self.escaped(value)}"'

    def escaped(self, value: str, keep: str = "") -> str:
        """Escape what cannot stand in quotes."""
        if keep and value.startswith(keep):
            keep = ""
        plain = value.replace("\\", "\\\\").replace('"', '\\"')
        return plain if keep else plain.replace("\n", "\\n")


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Draw a TOML text."""
    return Writer(draw).table(draw(st.dictionaries(KEYS, VALUES, max_size=4)))


@given(documents())
@example('a = """""x"""""\n')
def test_any_text_that_can_be_parsed_is_scanned(text: str) -> None:
    """Whatever a plan looks like, its errors have places."""
    check_every_leaf(text)
