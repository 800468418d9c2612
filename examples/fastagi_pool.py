"""
A FastAGI server that asks a pool which agent an Asterisk should ring.

    python examples/fastagi_pool.py examples/fastagi_agents.csv

The dialplan names a service of `SERVICES`, and goes on when nobody took the call:

    exten => 700,1,AGI(agi://127.0.0.1:4573/,sales)
     same => n,GotoIf($["${POOL_RESULT}" = "answered"]?done)
     same => n,VoiceMail(700@default,u)
     same => n(done),Hangup()
"""

from __future__ import annotations

import contextlib
import csv
import re
import socketserver
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import skillroute

SERVICES = {
    "sales": ("dept:sales",),
    "support": ("dept:support",),
    "polish": ("dept:sales", "lang:pl>=50"),
}
"""What a caller may want, and the tags that it takes."""

RING_S = 15
TRY_NEXT = {"NOANSWER", "BUSY", "CONGESTION", "CHANUNAVAIL"}
"""Values of DIALSTATUS after which somebody else is rung."""

REQUEST_S = 10
"""How long a switch may take to say what it wants; after that it waits for us."""

LINE_BYTES_MAX = 4096
REQUEST_LINES_MAX = 100
DEVICE = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9._@+/-]{1,80}")
"""No comma, ampersand or quote: what is more than one device to Dial."""


class Agent(NamedTuple):
    """A line of the table of agents."""

    name: str
    device: str
    tags: list[str]


def read_agents(file: Path) -> list[Agent]:
    """Read the table: name, device, and tags with blanks between them."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    agents = [Agent(r["name"], r["device"], r["tags"].split()) for r in rows]
    for agent in agents:
        if not DEVICE.fullmatch(agent.device):
            raise ValueError(f"{agent.name}: {agent.device!r} is no device")
    return agents


class Desk:
    """The pool, for many threads: one at a time looks into it, and for no longer."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        self._lock = threading.Lock()
        self._pool = skillroute.Pool()
        self._needs = {n: self._pool.needs(*tags) for n, tags in SERVICES.items()}
        self.agents = {self._pool.add(a.name, tags=a.tags): a for a in agents}
        self._idle_since_ms = dict.fromkeys(self.agents, 0)

    def reserve(self, service: str, tried: list[int]) -> int | None:
        """Take the agent to ring next; None: nobody, or no such service."""
        if service not in self._needs:
            return None
        with self._lock:
            return self._pool.reserve(self._needs[service], exclude=tried)

    def release(self, agent: int, *, talked: bool) -> None:
        """Let an agent be free; a missed call leaves the idle time as it was."""
        with self._lock:
            if talked:
                self._idle_since_ms[agent] = time.monotonic_ns() // 1_000_000
            self._pool.release(agent, idle_since_ms=self._idle_since_ms[agent])


class HungUpError(Exception):
    """The switch has closed the connection, or says what cannot be understood."""


class Call(socketserver.StreamRequestHandler):
    """One call: what the switch says of it, and what we have it do."""

    server: Server

    def handle(self) -> None:
        """Ring one agent after the other, until one has talked or the caller left."""
        with contextlib.suppress(HungUpError, OSError):
            self.request.settimeout(REQUEST_S)
            service = self.read_request().get("agi_arg_1", "")
            self.request.settimeout(None)  # a conversation has no greatest length
            self.send(f"SET VARIABLE POOL_RESULT {self.serve(service)}")

    def serve(self, service: str) -> str:
        """Return `answered` or `nobody`; who was rung is free again in any case."""
        desk, tried = self.server.desk, list[int]()
        while (agent := desk.reserve(service, tried)) is not None:
            tried.append(agent)
            status = ""
            try:
                self.send(f'EXEC Dial "{desk.agents[agent].device},{RING_S}"')
                status = self.send("GET VARIABLE DIALSTATUS")
            finally:
                desk.release(agent, talked=status == "ANSWER")
            print(f"{service}: {desk.agents[agent].name} {status}", flush=True)
            if status not in TRY_NEXT:
                return "answered" if status == "ANSWER" else "nobody"
        return "nobody"

    def read_request(self) -> dict[str, str]:
        """Read what a switch says first: a line for each value, then an empty one."""
        request: dict[str, str] = {}
        for _ in range(REQUEST_LINES_MAX):
            line = self.read_line()
            if not line:
                return request
            name, _, value = line.partition(": ")
            request[name] = value
        raise HungUpError

    def send(self, command: str) -> str:
        """Send a command of our own making, and return the value in its answer."""
        self.wfile.write(f"{command}\n".encode())
        line = self.read_line()
        while line == "HANGUP":  # said in between, when the caller has gone
            line = self.read_line()
        answer = re.fullmatch(r"200 result=-?\d+(?: \(([A-Z]*)\))?", line)
        if answer is None:
            raise HungUpError
        return answer[1] or ""

    def read_line(self) -> str:
        """Read a line without its end; one that is too long or cut off is none."""
        line = self.rfile.readline(LINE_BYTES_MAX)
        if not line.endswith(b"\n"):
            raise HungUpError
        return line.decode("utf-8", "replace").rstrip("\r\n")


class Server(socketserver.ThreadingTCPServer):
    """A thread for each call; who may connect is a matter of the address."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, desk: Desk, address: tuple[str, int]) -> None:
        super().__init__(address, Call)
        self.desk = desk


def main(table: str, host: str = "127.0.0.1", port: str = "4573") -> None:
    """Serve until somebody presses Ctrl-C."""
    desk = Desk(read_agents(Path(table)))
    with (
        Server(desk, (host, int(port))) as server,
        contextlib.suppress(KeyboardInterrupt),
    ):
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
