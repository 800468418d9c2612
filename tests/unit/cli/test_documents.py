"""The documents of the command line: every block runs, every option is listed."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from skillroute.cli import commands
from skillroute.simulation import _calls_csv
from tests.unit.cli.conftest import Run

DOCS = Path(__file__).resolve().parents[3] / "docs"
LESSONS = (
    DOCS / "tutorial/first-calls.md",
    DOCS / "tutorial/what-if.md",
    DOCS / "how-to/replay-a-day-of-calls.md",
)
# What a test cannot run: it would install from outside.
NOT_RUN = {"python3 -m pip install skillroute"}


def blocks(page: Path) -> list[tuple[str, str]]:
    """List (language, text) of every code block."""
    text = page.read_text("utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands_in(block: str) -> Iterator[tuple[str, str]]:
    """Yield (command, expected output) of a console block."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def matches(expected: str, output: str) -> bool:
    """Compare lines; a line ``...`` stands for any lines."""
    parts = [
        re.escape(part) for part in re.split(r"^\.\.\.\n", expected, flags=re.MULTILINE)
    ]
    return re.fullmatch("(?s:.*)".join(parts), output.rstrip("\n") + "\n") is not None


def apply_diff(block: str, folder: Path) -> None:
    """Replace the lines with ``-`` by those with ``+`` in plan.toml."""
    old = "".join(f"{line[1:]}\n" for line in block.splitlines() if line[0] == "-")
    new = "".join(f"{line[1:]}\n" for line in block.splitlines() if line[0] == "+")
    plan = folder / "plan.toml"
    text = plan.read_text("utf-8")
    assert 1 == text.count(old)
    plan.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_every_block_of_a_lesson_works(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: Path
) -> None:
    """A lesson that fails at step three loses its reader."""
    monkeypatch.chdir(tmp_path)
    ran = 0
    for language, block in blocks(page):
        if language == "csv":
            (tmp_path / "calls.csv").write_text(block, "utf-8")
        elif language == "diff":
            apply_diff(block, tmp_path)
        elif language == "toml":
            name = block.partition("\n")[0].removeprefix("# ")
            (tmp_path / name).write_text(block, "utf-8")
        elif language == "text":
            continue
        else:
            assert "console" == language
            for command, expected in commands_in(block):
                ran += command not in NOT_RUN
                if command not in NOT_RUN:
                    program, *words = shlex.split(command)
                    assert "skillroute" == program
                    output = run(*words).output
                    assert matches(expected, output), f"{command}\n{output}"
    assert ran >= 4


def written_commands(page: Path) -> Iterator[tuple[str, bool]]:
    """Yield (line, whether all of it is there) of each block and each quotation."""
    text = page.read_text("utf-8")
    for language, block in blocks(page):
        if language in ("console", "text"):
            lines = block.replace("\\\n", " ").splitlines()
            yield from ((line.removeprefix("$ "), True) for line in lines)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from ((quoted, False) for quoted in re.findall(r"`([^`\n]+)`", prose))


def refused(words: list[str], *, is_whole: bool = True) -> str:
    """Let the command line read words without carrying them out; say what is wrong."""
    command: click.Command = commands
    context = click.Context(commands)
    try:
        while isinstance(command, click.Group) and words and words[0][:1] != "-":
            name, found, words = command.resolve_command(context, words)
            assert found is not None
            command, context = found, click.Context(found, info_name=name)
        if not isinstance(command, click.Group):
            command.make_context(context.info_name, words)
    except click.exceptions.Exit:
        return ""
    except click.BadParameter as error:
        # Such as N where a number is meant; but something must stand there.
        is_missing = isinstance(error, click.MissingParameter)
        return error.format_message() if is_missing and is_whole else ""
    except click.UsageError as error:
        return error.format_message()
    return ""


PAGES = sorted([*DOCS.rglob("*.md"), DOCS.parent / "README.md"])


def test_every_command_on_a_page_can_be_typed() -> None:
    """An option that was renamed must not live on in the documents."""
    wrong, counted = [], 0
    for page in PAGES:
        for line, is_whole in written_commands(page):
            words = re.split(r" [|>#&] | {3}", line)[0].split("skillroute ", 1)
            if len(words) < 2 or not re.fullmatch(r"(\S*/|.* run .* )?", words[0]):
                continue
            if not re.match(r"[a-z-]+( |$)", words[1]):
                continue
            counted += 1
            if said := refused(shlex.split(words[1]), is_whole=is_whole):
                wrong.append(f"{page.name}: {line}: {said}")
    assert counted > 60
    assert [] == wrong


def test_the_reader_of_commands_can_refuse() -> None:
    """It would be no test if everything could be typed."""
    assert "" == refused(["journal", "show", "site.journal", "--from", "N"])
    assert "No such option" in refused(["journal", "show", "x", "--form", "3"])
    assert "No such command" in refused(["journal", "shaw", "x"])
    assert "PLAN" in refused(["check"]).upper()


def test_the_matcher_of_outputs_can_fail() -> None:
    """A comparison that accepts everything proves nothing."""
    assert matches("a\n...\nc\n", "a\nb\nc\n")
    assert not matches("a\n...\nd\n", "a\nb\nc\n")
    assert not matches("a\n", "a\nb\n")


def sections() -> dict[str, str]:
    """Return the reference by heading."""
    text = (DOCS / "reference/cli.md").read_text("utf-8")
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def test_every_command_has_its_section() -> None:
    """A command that is not in the reference does not exist for its readers."""
    names = commands.list_commands(click.Context(commands))
    assert sections().keys() == {"skillroute", *(f"skillroute {n}" for n in names)}


@pytest.mark.parametrize("name", commands.list_commands(click.Context(commands)))
def test_every_option_is_in_the_reference(name: str) -> None:
    """And no option stands there that the command does not have."""
    command = importlib.import_module(f"skillroute.cli.{name}").command
    words = {
        parameter.human_readable_name
        if isinstance(parameter, click.Argument)
        else parameter.opts[0]
        for parameter in command.params
    }
    table = re.findall(
        r"^\| `([^`]+)` \|", sections()[f"skillroute {name}"], re.MULTILINE
    )
    options = {word for word in table if word.startswith("-") or word.isupper()}
    assert {word.upper() if word[0] != "-" else word for word in words} == options


def test_every_column_is_in_the_reference() -> None:
    """Nobody guesses the name of a column."""
    text = (DOCS / "reference/calls-csv.md").read_text("utf-8")
    table = text.partition("## Columns")[2].partition("##")[0]
    assert list(_calls_csv.COLUMNS) == re.findall(
        r"^\| `(\w+)` \|", table, re.MULTILINE
    )
