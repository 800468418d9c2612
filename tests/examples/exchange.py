"""What a switch and the FastAGI server of the example say to each other."""

from __future__ import annotations

import errno
import importlib.util
import io
import re
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
RECORDED = Path(__file__).with_name("recorded")
ANSWER_S = 30
"""How long a test waits for an answer before it fails."""


def load_example() -> Any:
    """Load the program; it is no part of a package."""
    spec = importlib.util.spec_from_file_location(
        "fastagi_pool", EXAMPLES / "fastagi_pool.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where a NamedTuple looks up its annotations
    spec.loader.exec_module(module)
    return module


EXAMPLE = load_example()


class Tee(io.RawIOBase):
    """A file of a connection whose lines are noted as they pass."""

    def __init__(self, file: Any, mark: str, lines: list[str]) -> None:
        self._file, self._mark, self._lines = file, mark, lines

    def _note(self, line: bytes) -> None:
        self._lines.append(f"{self._mark} {line.decode()}".rstrip())

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read a line."""
        line: bytes = self._file.readline(size)
        if line:
            self._note(line)
        return line

    def write(self, line: Any, /) -> int:
        """Write a line."""
        self._note(line)
        return int(self._file.write(line))


@contextmanager
def serving(agents: Iterable[tuple[str, str, str]]) -> Iterator[tuple[Any, Queue[Any]]]:
    """
    Run the server of the example on a free port.

    Yields:
        The server, and a queue that gets the lines of each connection when it ends:
        `< ` is before what the switch says, `> ` before what it is told.
    """
    ended: Queue[list[str]] = Queue()

    base: Any = EXAMPLE.Call

    class Noted(base):  # type: ignore[misc]
        rfile: Any
        wfile: Any

        def setup(self) -> None:
            super().setup()
            self.files = (self.rfile, self.wfile)
            self.lines: list[str] = []
            self.rfile = Tee(self.rfile, "<", self.lines)
            self.wfile = Tee(self.wfile, ">", self.lines)

        def finish(self) -> None:
            # A file that stays open would keep the connection open.
            self.rfile, self.wfile = self.files
            super().finish()
            ended.put(self.lines)

    with EXAMPLE.Server(desk_of(agents), ("127.0.0.1", 0)) as server:
        server.RequestHandlerClass = Noted
        # Whoever closes the server then waits for the threads of its calls.
        server.daemon_threads = False
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server, ended
        finally:
            server.shutdown()
            thread.join()


def desk_of(agents: Iterable[tuple[str, str, str]]) -> Any:
    """Make the desk of a situation: a telephone is an extension of the dialplan."""
    made = [
        EXAMPLE.Agent(name, f"Local/{phone}@phones", tags.split())
        for name, phone, tags in agents
    ]
    return EXAMPLE.Desk(made)


class Playing:
    """
    A switch that says what a recording says, and is told what that was told.

    Args:
        server: The server of the example.
        lines: A recording; from each `> ` on it waits to be told so.
    """

    def __init__(self, server: Any, lines: Iterable[str]) -> None:
        self.connection = socket.create_connection(server.server_address, ANSWER_S)
        self.told = self.connection.makefile("rb")
        self._lines = list(lines)

    def play(self, *, until: str = "") -> None:
        """Go on to the line that begins so, or to the end; fail on another word."""
        while self._lines and not (until and self._lines[0].startswith(until)):
            mark, _, text = self._lines.pop(0).partition(" ")
            if mark == "<":
                self.connection.sendall(f"{text}\n".encode())
            else:
                assert text == self.told.readline().decode().rstrip("\n")

    def close(self) -> bytes:
        """Hang up, and return what was told and not read."""
        with self.connection, self.told:
            try:
                self.connection.shutdown(socket.SHUT_WR)
            except OSError as error:
                if error.errno != errno.ENOTCONN:  # the server may have hung up first
                    raise
            return self.told.read()


def recorded(name: str) -> list[str]:
    """Read what was said in a situation, a line each, with its mark."""
    return (RECORDED / f"{name}.txt").read_text("utf-8").splitlines()


def without_machine(lines: Iterable[str]) -> list[str]:
    """Take out of a recording what tells of the machine and the moment."""
    hidden: dict[str, Callable[[str], str]] = {
        "agi_uniqueid": lambda _: "1772442000.1",
        "agi_threadid": lambda _: "1",
        "agi_request": lambda value: re.sub(r":\d+/", ":4573/", value),
        "agi_channel": lambda value: re.sub(r"-[0-9a-f]{8};", "-00000000;", value),
    }
    result = []
    for line in lines:
        name, colon, value = line.removeprefix("< ").partition(": ")
        told = colon and name in hidden
        result.append(f"< {name}: {hidden[name](value)}" if told else line)
    return result


def commands(lines: Iterable[str]) -> list[str]:
    """
    Return what follows the request: commands and the answers to them.

    That the caller has gone is said in between, sooner or later, and is left out.
    """
    _, _, rest = "\n".join(lines).partition("\n<\n")
    return [line for line in rest.splitlines() if line != "< HANGUP"]
