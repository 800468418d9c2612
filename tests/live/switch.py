"""A real Asterisk with dialplan in place of telephones: no SIP, no sound, no port."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import NamedTuple, Self

ROOT = Path(__file__).resolve().parents[2]
UNPACKED = ROOT / "build" / "asterisk"
RING_S = 2
"""How long a telephone rings: longer than the impatient caller waits."""

SAYS_S = 30
"""How long a test waits for a line before it fails; nothing here takes a tenth."""


class Situation(NamedTuple):
    """A call, the agents who are there, and what has to come of it."""

    name: str
    agents: tuple[tuple[str, str, str], ...]
    """Name, telephone and tags of each; a telephone is an extension of `PHONES`."""
    service: str
    patience_s: int
    """When the caller hangs up, counted from the answer of the switch."""
    rung: tuple[str, ...]
    """Agents, in the order in which their telephones ring."""
    statuses: tuple[str, ...]
    """What Dial says of each."""
    result: str
    """What the dialplan is told."""


SITUATIONS = (
    Situation(
        "specialist_answers",
        (("olga", "answers", "*"), ("vera", "answers", "dept:sales")),
        "sales",
        9,
        ("vera",),
        ("ANSWER",),
        "answered",
    ),
    Situation(
        "busy_then_no_answer_then_answered",
        (
            ("olga", "answers", "*"),
            ("dina", "silent", "dept:sales dept:support"),
            ("vera", "busy", "dept:sales"),
        ),
        "sales",
        9,
        ("vera", "dina", "olga"),
        ("BUSY", "NOANSWER", "ANSWER"),
        "answered",
    ),
    Situation(
        "nobody_answers",
        (("dina", "busy", "dept:sales a"), ("vera", "nowhere", "dept:sales")),
        "sales",
        9,
        ("vera", "dina"),
        ("CHANUNAVAIL", "BUSY"),
        "nobody",
    ),
    Situation(
        "caller_leaves_while_it_rings",
        (("dina", "answers", "dept:sales a"), ("vera", "silent", "dept:sales")),
        "sales",
        1,
        ("vera",),
        ("CANCEL",),
        "nobody",
    ),
    Situation(
        "service_that_is_unknown",
        (("vera", "answers", "*"),),
        "repair",
        9,
        (),
        (),
        "nobody",
    ),
)

PHONES = """
[phones]
exten => answers,1,Answer()
 same => n,Wait(1)
exten => busy,1,Busy()
exten => silent,1,Ringing()
 same => n,Wait(60)
"""
SERVICE = """
[services]
exten => _[a-z].,1,Answer()
 same => n,AGI(agi://127.0.0.1:{port}/,${{EXTEN}})
 same => n,GotoIf($["${{POOL_RESULT}}" = "answered"]?done)
 same => n,Set(BOX=, then voicemail)
 same => n(done),Hangup()
exten => h,1,Verbose(0,CALL ENDS WITH ${{POOL_RESULT}}${{BOX}}.)
"""
MODULES = (
    "res_speech",  # without it the next cannot be loaded
    "res_agi",
    "res_clioriginate",
    "pbx_config",
    "app_dial",
    "app_verbose",
    "bridge_simple",
)
FOLDERS = ("etc", "varlib", "db", "key", "agi", "spool", "run", "log", "cache")
EMPTY = ("acl", "ccss", "cdr", "cel", "cli", "codecs", "features", "logger", "stasis")


def program() -> tuple[str, dict[str, Path]]:
    """Return the Asterisk to run, and the folders that came with it."""
    found = UNPACKED / "asterisk"
    command = str(found) if found.is_file() else shutil.which("asterisk")
    assert command, "no asterisk: run .ci/get-asterisk build/asterisk"
    root = UNPACKED if found.is_file() else Path("/")
    modules = sorted(root.glob("usr/lib*/**/asterisk/modules/res_agi.so"))
    assert modules, f"no modules of asterisk under {root}"
    data = root / "usr" / "share" / "asterisk"  # it does not start without its own
    return command, {"mod": modules[0].parent, "data": data}


class Switch:
    """
    An Asterisk that runs until the end of a `with`, and is told what to do.

    Args:
        port: Where on the loopback the FastAGI server listens.
    """

    def __init__(self, port: int) -> None:
        command, shipped = program()
        # A short path: that of a socket in it has at most 107 characters.
        self._folder = Path(tempfile.mkdtemp(prefix="live"))
        write_settings(self._folder, shipped, port)
        settings = ("-C", str(self._folder / "etc" / "asterisk.conf"))
        # What it says comes through a terminal, else it would keep it to itself until
        # it has much of it; what it is told does not, and so is not said again.
        self._terminal, its_end = pty.openpty()
        self._process = subprocess.Popen(
            (command, *settings, "-c", "-n"),
            stdin=subprocess.PIPE,
            stdout=its_end,
            stderr=its_end,
            env={**os.environ, "TERM": "dumb"},
        )
        os.close(its_end)
        self._said: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        """Wait until calls can be made."""
        try:
            self.wait_for("Asterisk Ready")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it, whatever happened."""
        self.stop()

    def stop(self) -> None:
        """End it: kindly, and if that does not help, at once."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self.tell("core stop now")
            self._process.stdin.close()
        try:
            self._process.wait(SAYS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(SAYS_S)
        shutil.rmtree(self._folder)

    def tell(self, command: str) -> None:
        """Give a command as on its console."""
        assert self._process.stdin
        self._process.stdin.write(f"{command}\n".encode())
        self._process.stdin.flush()

    def call(self, service: str, patience_s: int) -> None:
        """Let somebody call, who hangs up after so long."""
        end = f"application Wait {patience_s}"
        self.tell(f"channel originate Local/{service}@services {end}")

    def wait_for(self, words: str) -> str:
        """Return the next line with these words in it; fail when none comes."""
        said = []
        while True:
            try:
                line = self._said.get(timeout=SAYS_S)
            except Empty:
                line = ""
            if words in line:
                return line
            said.append(line)
            assert line, f"asterisk did not say {words!r}, but {''.join(said)}"

    def _read(self) -> None:
        with os.fdopen(self._terminal, errors="replace") as lines:
            with contextlib.suppress(OSError):  # how a terminal says that it ends
                for line in lines:
                    self._said.put(line)
            self._said.put("")


def write_settings(folder: Path, shipped: dict[str, Path], port: int) -> None:
    """Write all that an Asterisk of few modules reads."""
    etc = folder / "etc"
    for name in FOLDERS:
        (folder / name).mkdir()
    places = {name: folder / name for name in FOLDERS} | shipped
    paths = "".join(f"ast{name}dir => {place}\n" for name, place in places.items())
    (etc / "asterisk.conf").write_text(
        f"[directories]\n{paths}[options]\nnocolor = yes\nhideconnect = yes\n"
    )
    loaded = "".join(f"load = {name}.so\n" for name in MODULES)
    (etc / "modules.conf").write_text(f"[modules]\nautoload = no\n{loaded}")
    (etc / "extensions.conf").write_text(PHONES + SERVICE.format(port=port))
    for name in EMPTY:
        (etc / f"{name}.conf").touch()
