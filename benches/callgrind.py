"""
Count the instructions of the Rust program ``instructions``, scenario by scenario.

The program compares its answers with a scan first, at full speed.  Then valgrind runs
each scenario by itself and collects only inside one function, so making a pool costs
nothing; that both runs print the same checksum says that what was counted is what was
checked.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

__all__ = ["CannotCountError", "Machine", "Scenario", "build", "check", "count"]

RUST = Path(__file__).resolve().parent.parent / "rust"
PROGRAM = "instructions"
COUNTED = "*counted_operations*"
NO_VALGRIND = (
    "valgrind is missing, and without it nothing is counted. "
    "Debian, Ubuntu: `apt-get install valgrind`; Fedora: `dnf install valgrind`. "
    "There is none for macOS on ARM and for Windows: count on Linux."
)
# The C library copies and compares memory with the widest registers that the processor
# has, so the same work takes other instructions elsewhere: 5 % of them in `retag_*`.
# These choices are off, and the plain ones are the same on every x86-64.
SETTINGS = {
    "GLIBC_TUNABLES": (
        "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM"
    )
}


class CannotCountError(Exception):
    """
    Nothing can be said about the speed, and why.
    """


class Scenario(NamedTuple):
    """
    What the program says of a scenario whose answers are right.
    """

    operations: int
    checksum: str
    """Of all answers, in hexadecimal."""


class Machine(NamedTuple):
    """
    What the number of instructions depends on, beside the code.
    """

    architecture: str
    """As ``uname -m`` says it."""
    rustc: str
    """Version of the compiler."""
    libc: str
    """Name and version of the C library."""

    def __str__(self) -> str:
        """
        Write it for people.
        """
        return f"{self.architecture}, rustc {self.rustc}, {self.libc}"

    @classmethod
    def here(cls) -> Machine:
        """
        Return the machine that runs this.
        """
        answer = _run([_found("rustc", "install Rust"), "--version"])
        return cls(platform.machine(), answer.split()[1], " ".join(platform.libc_ver()))


def build() -> Path:
    """
    Build the program, and return where it is.

    Raises:
        CannotCountError: It cannot be built.
    """
    options = ("--locked", "--package", "skillroute-core", "--profile", "counted")
    messages = ("--bench", PROGRAM, "--message-format", "json-render-diagnostics")
    answer = _run([_found("cargo", "install Rust"), "build", *options, *messages])
    return program_of(answer)


def program_of(messages: str) -> Path:
    """
    Return where cargo says that the program is.

    Args:
        messages: A JSON object on each line.
    """
    for line in messages.splitlines():
        message = json.loads(line)
        is_ours = message.get("target", {}).get("name") == PROGRAM
        if is_ours and message.get("executable"):
            return Path(message["executable"])
    raise CannotCountError("cargo has built no program of that name")


def check(program: Path, names: Iterable[str] = ()) -> dict[str, Scenario]:
    """
    Compare the answers of scenarios with a scan's.

    Args:
        program: As ``build`` returns it.
        names: Of the scenarios; empty: all.

    Returns:
        Name to what is known of it, in the order of the names or else the program's;
        never empty.

    Raises:
        CannotCountError: An answer is wrong, or there is no such scenario.
    """
    return scenarios_of(_run([str(program), "check", *names]))


def scenarios_of(answer: str) -> dict[str, Scenario]:
    """
    Read what the program prints of its scenarios.

    Args:
        answer: Name, number of operations and checksum on each line.
    """
    rows = [line.split() for line in answer.splitlines()]
    if not rows:
        raise CannotCountError("the program has no scenarios")
    return {name: Scenario(int(times), checksum) for name, times, checksum in rows}


def count(
    program: Path, scenarios: Mapping[str, Scenario], *, slowed: bool = False
) -> dict[str, float]:
    """
    Count the instructions of scenarios, as many at a time as there are cores.

    Args:
        program: As ``build`` returns it.
        scenarios: Those to count, as ``check`` returns them.
        slowed: Whether every fifth selection is made twice.

    Returns:
        Name to instructions per operation, rounded to a tenth.

    Raises:
        CannotCountError: There is no valgrind, or a checksum is another one.
    """
    valgrind = _found("valgrind", NO_VALGRIND)
    command = "count-slowed" if slowed else "count"

    def one(name: str) -> float:
        words = [str(program), command, name]
        return _count(valgrind, words, scenarios[name])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(scenarios, pool.map(one, scenarios), strict=True))


def _count(valgrind: str, words: Iterable[str], scenario: Scenario) -> float:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        options = ("--collect-atstart=no", f"--toggle-collect={COUNTED}")
        files = ("--quiet", f"--callgrind-out-file={out}")
        tool = (valgrind, "--tool=callgrind", *options, *files)
        # Nothing of the caller's environment: its size moves the stack.
        checksum = _run([*tool, *words], SETTINGS).strip()
        if checksum != scenario.checksum:
            raise CannotCountError(
                f"{' '.join(words)} answered {checksum}, "
                f"but what was checked is {scenario.checksum}"
            )
        return round(total_of(out.read_text("utf-8")) / scenario.operations, 1)


def total_of(profile: str) -> int:
    """
    Return how many instructions a profile of callgrind counts in all.

    Args:
        profile: The text of its file.

    Raises:
        CannotCountError: Nothing was counted, or something other than instructions.
    """
    events = re.search(r"^events: (.*)$", profile, re.MULTILINE)
    totals = re.findall(r"^totals: (\d+)$", profile, re.MULTILINE)
    if events is None or events[1].split() != ["Ir"] or len(totals) != 1:
        raise CannotCountError("callgrind's profile has another form than is known")
    if int(totals[0]) == 0:
        raise CannotCountError(f"nothing was counted: no function is named {COUNTED}")
    return int(totals[0])


def _found(program: str, otherwise: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise CannotCountError(f"no {program}: {otherwise}")
    return path


def _run(words: list[str], environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        words,
        cwd=RUST,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotCountError(f"{' '.join(words)} failed:\n{done.stderr.strip()}")
    return done.stdout
