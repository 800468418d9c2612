"""
Where each key and value of a TOML text stands.

``tomllib`` tells values but not their places.  This scanner runs only over text
that ``tomllib`` has accepted, so it need not judge: it skips what it does not look
for and notes where keys and values begin.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._problems import Path

__all__ = ["Positions"]

_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
# Longest first: three quotes are never an empty text and a quote.  A closing run
# may have up to two quotes more, which belong to the text.
_TEXT = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


class Positions:
    """
    The places of a TOML text, by path.
    """

    def __init__(self, text: str) -> None:
        """
        Scan a text.

        Args:
            text: What ``tomllib.loads`` accepted.

        Cost: linear in the text.
        """
        # As tomllib does before it reads.
        text = text.replace("\r\n", "\n")
        scan = _Scan(text)
        # With hundreds of lists in one another, what was found before is kept.
        with suppress(RecursionError):
            scan.document()
        self._keys = scan.keys
        self._values = scan.values
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def of_key(self, path: Path) -> tuple[int, int]:
        """
        Return line and column, from 1, of the key (or list item) that *path* names.

        A path that does not stand in the text has the place of what would hold it;
        if that is the whole text, line 1 and column 1.
        """
        return self._place(self._nearest(path, self._keys))

    def of_value(self, path: Path) -> tuple[int, int]:
        """
        Return line and column, from 1, of the value that *path* names.

        For a table it is the place of its name; otherwise as ``of_key``.
        """
        if path in self._values:
            return self._place(self._values[path])
        return self.of_key(path)

    def _nearest(self, path: Path, found: dict[Path, int]) -> int:
        while path and path not in found:
            path = path[:-1]
        return found.get(path, 0)

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1


class _Scan:
    """
    One pass over a text; offsets are in characters from its start.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}
        self.lengths: dict[Path, int] = {}
        """How many tables an array of tables has so far."""

    def document(self) -> None:
        """
        Scan everything: headers and the keys under them.
        """
        table: Path = ()
        self._skip(_SPACE)
        while self.at < len(self.text):
            before = self.at
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)
            if self.at == before:
                # Cannot be, in text that tomllib accepts; never hang on it.
                self.at += 1

    def _header(self) -> Path:
        """
        Scan ``[a.b]`` or ``[[a.b]]`` and return the path of its table.
        """
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        parts = self._key()
        self.at += 2 if many else 1
        path: Path = ()
        for index, (name, offset) in enumerate(parts):
            path = (*path, name)
            self.keys.setdefault(path, offset)
            if many and index == len(parts) - 1:
                self.lengths[path] = self.lengths.get(path, 0) + 1
            if path in self.lengths:
                path = (*path, self.lengths[path] - 1)
                self.keys.setdefault(path, offset)
        return path

    def _pair(self, table: Path) -> None:
        """
        Scan ``a.b = value``.
        """
        path = table
        for name, offset in self._key():
            path = (*path, name)
            self.keys.setdefault(path, offset)
        self.at += 1
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> list[tuple[str, int]]:
        """
        Scan a dotted key up to what follows it; return its parts with their offsets.
        """
        parts = []
        while True:
            self._skip(_BLANK)
            start = self.at
            quoted = self.text[start : start + 1] in {'"', "'"}
            written = self._skip(_TEXT if quoted else _BARE)
            parts.append((_unquote(written) if quoted else written, start))
            self._skip(_BLANK)
            if self.text[self.at : self.at + 1] != ".":
                return parts
            self.at += 1

    def _value(self, path: Path) -> None:
        """
        Scan a value of any kind.
        """
        self.values[path] = self.at
        mark = self.text[self.at : self.at + 1]
        if mark == "[":
            self._list(path)
        elif mark == "{":
            self._inline_table(path)
        elif mark in {'"', "'"}:
            self._skip(_TEXT)
        else:
            self._skip(_SCALAR)

    def _list(self, path: Path) -> None:
        index = 0
        self.at += 1
        while self._goes_on("]"):
            self.keys[(*path, index)] = self.at
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._goes_on("}"):
            self._pair(path)

    def _goes_on(self, end: str) -> bool:
        """
        Skip to the next item of a list or inline table; False: it has ended.
        """
        self._skip(_SPACE)
        if self.text[self.at : self.at + 1] == ",":
            self.at += 1
            self._skip(_SPACE)
        if self.at < len(self.text) and self.text[self.at] != end:
            return True
        self.at += 1
        return False

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """
        Step over what *pattern* matches here, if anything, and return it.
        """
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()


def _unquote(written: str) -> str:
    """
    Return the key that a quoted key means.
    """
    if "\\" not in written:
        return written[1:-1]
    return str(tomllib.loads(f"key = {written}")["key"])
