"""What holds for every command: exit codes, streams, colours, help."""

from __future__ import annotations

import importlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from skillroute.cli import commands, main
from skillroute.errors import EngineBugError, HostError
from tests.unit.cli.conftest import Run, Spawn

NAMES = sorted(commands.list_commands(click.Context(commands)))


def test_there_are_commands() -> None:
    """The tests below would pass on an empty list."""
    assert {"check", "demo", "explain", "init"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_list_says_what_the_command_says(name: str) -> None:
    """The list is written apart, so that help is quick; it must not go stale."""
    command = importlib.import_module(f"skillroute.cli.{name}").command
    summaries = importlib.import_module("skillroute.cli")._SUMMARIES
    said = " ".join(command.help.split())
    assert said.startswith(summaries[name].rstrip("."))
    assert name == command.name


@pytest.mark.parametrize("words", [["-h"], ["--help"], *([n, "-h"] for n in NAMES)])
def test_help_is_an_answer(run: Run, words: list[str]) -> None:
    """People try -h first."""
    answer = run(*words)
    assert 0 == answer.exit_code
    assert answer.stdout.startswith("Usage: skillroute")


def test_a_misspelt_command_is_recognised(run: Run) -> None:
    """The right word saves a look at the help."""
    answer = run("chek")
    assert 2 == answer.exit_code
    assert "Did you mean 'check'?" in answer.stderr
    assert "" == answer.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["nothing"],
        ["check"],
        ["check", "--no-such-option", "x"],
        ["completion", "tcsh"],
    ],
)
def test_a_wrong_argument_leaves_with_2(run: Run, words: list[str]) -> None:
    """1 would mean that the answer is no."""
    assert 2 == run(*words).exit_code


def test_help_is_quick_and_imports_no_engine() -> None:
    """A tool that takes a second to say its name is not liked."""
    script = (
        "import sys\nfrom skillroute.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(*sorted(n for n in sys.modules if n.startswith('skillroute')))"
    )
    begun_s = time.monotonic()
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "skillroute skillroute.cli" == answer.stdout.splitlines()[-1]
    # Ten times the 0.1 s it takes, for a machine that does other things.
    assert time.monotonic() - begun_s < 1


def test_the_module_is_the_command(spawn: Spawn) -> None:
    """Where no script is on the path, python -m works."""
    answer = spawn("--version")
    assert (0, "") == (answer.returncode, answer.stderr)
    assert answer.stdout.startswith("skillroute 0.")


def test_a_closed_pipe_is_quiet() -> None:
    """`skillroute schema | head` must not end in a traceback, nor in a no."""
    with subprocess.Popen(
        [sys.executable, "-m", "skillroute", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert "" == process.stderr.read()
        assert 141 == process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send there")
def test_an_interrupt_leaves_with_130() -> None:
    """A script must be able to tell that somebody pressed Ctrl-C."""
    # A background job of a shell ignores the signal, and so would what it starts.
    script = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from skillroute.cli import main; main(['demo', '--speed', '1'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert "interrupted\n" == process.stderr.read()
        assert 130 == process.wait()


def test_main_leaves_the_process(capsys: pytest.CaptureFixture[str]) -> None:
    """A script calls it and does nothing after."""
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert 0 == left.value.code
    assert capsys.readouterr().out.startswith("skillroute ")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "x.json"), "x.json: No space left"),
        (OSError("Failed to open it"), "Failed to open it"),
        (HostError(code="late", message="it is late"), "it is late [late]"),
    ],
)
def test_what_no_command_thought_of_is_told_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    """A full disk is nobody's programming error."""

    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr("skillroute.cli.init.command.callback", fail)
    with pytest.raises(SystemExit) as left:
        main(["init"])
    assert 2 == left.value.code
    assert f"skillroute: {said}" in capsys.readouterr().err


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody could mend it."""

    def fail(**_: object) -> None:
        raise EngineBugError(code="engine_bug", message="it broke")

    monkeypatch.setattr("skillroute.cli.init.command.callback", fail)
    with pytest.raises(EngineBugError):
        main(["init"])


@pytest.mark.parametrize(
    ("settings", "coloured"),
    [
        ({}, False),
        ({"NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals(
    spawn: Spawn, plan: str, settings: dict[str, str], *, coloured: bool
) -> None:
    """Escape sequences in a file or a log are noise."""
    when = ("--at", "2024-01-15T10:00")
    answer = spawn("explain", plan, *when, **settings)
    assert 0 == answer.returncode
    assert coloured == ("\x1b[" in answer.stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete(spawn: Spawn, shell: str) -> None:
    """Nobody types --answer-after in full."""
    if shell != "bash":  # click asks an installed bash for its version
        assert "_SKILLROUTE_COMPLETE" in spawn("completion", shell).stdout
    answer = spawn(
        _SKILLROUTE_COMPLETE=f"{shell}_complete",
        COMP_WORDS="skillroute expl" if shell != "fish" else "expl",
        COMP_CWORD="1" if shell != "fish" else "expl",
    )
    assert "explain" in answer.stdout


def test_no_command_names_this_machine(run: Run, tmp_path: Path) -> None:
    """Output is pasted into reports."""
    assert str(tmp_path) not in run("schema").stdout
