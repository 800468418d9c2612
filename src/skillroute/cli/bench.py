"""
``skillroute bench``: how fast it is, beside what somebody would write instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import msgspec

from .. import bench
from ..bench.bars import Verdict, judge
from ..bench.picture import cannot_draw, draw
from ..bench.record import Comparison, compare
from ..bench.settings import Setting, narrowed
from ..bench.text import bar_lines, comparison_lines, head_lines, report_lines
from ._output import (
    UNANSWERED,
    Failure,
    active_backend,
    print_json,
    print_note,
    require_folder,
)

__all__ = ["command"]

_PICTURES = (".svg", ".png")
# Fewer agents than a workload can be made of, and more than fit here.
_SIZE_LEAST, _SIZE_MOST = 100, 200_000


@click.command("bench")
@click.option("--quick", is_flag=True, help="About a minute: what CI runs.")
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Rows of this name only, such as select_realistic; may be repeated.",
)
@click.option(
    "--sizes", metavar="N,N", help="Sizes in place of the usual ones: 1000,20000."
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw it too, as .svg or .png.",
)
@click.option("--bars", is_flag=True, help="Hold it to what must hold.")
@click.option(
    "--against",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Compare its ratios with a recorded run, as --json printed it.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the JSON to a file too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    quick: bool,
    only: tuple[str, ...],
    sizes: str | None,
    picture: Path | None,
    bars: bool,
    against: Path | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """
    Time the pool and the engine beside what somebody would write instead.

    Every contender's answers are checked before anything is timed.  Without options
    everything is measured, which takes several minutes.  The exit code is 1 if a bar
    is missed or a ratio is far below the recorded one.
    """
    _require_picture(picture)
    if output is not None:
        require_folder("--output", output)
    recorded = _recorded(against)
    settings = _settings(only, sizes, quick=quick, bars=bars)
    report = _run(settings, quick=quick)
    verdicts = judge(report) if bars else []
    comparison = None if recorded is None else compare(report, recorded)
    if comparison is not None and not comparison.compared:
        raise Failure(f"{against}: it has no ratio of this run: nothing was compared")
    if picture is not None:
        _write(picture, report)
    answer = _object(report, verdicts, comparison)
    if output is not None:
        _save(output, answer)
    if as_json:
        print_json(answer)
    else:
        _print(report, verdicts, comparison)
    ctx.exit(_exit_code(verdicts, comparison))


def _require_picture(picture: Path | None) -> None:
    """
    Say before minutes of work that there can be no picture.
    """
    if picture is None:
        return
    if picture.suffix not in _PICTURES:
        raise Failure(f"--picture {picture}: the name must end in .svg or .png")
    if cannot_draw():
        raise Failure(f"--picture: {cannot_draw()}")
    require_folder("--picture", picture)


def _recorded(against: Path | None) -> bench.Report | None:
    if against is None:
        return None
    try:
        return bench.read_report(against.read_bytes())
    except OSError as error:
        raise Failure(f"{against}: cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise Failure(f"{against}: is no recorded run: {error}") from error


def _settings(
    only: tuple[str, ...], sizes: str | None, *, quick: bool, bars: bool
) -> tuple[Setting, ...]:
    settings = bench.QUICK_SETTINGS if quick else bench.FULL_SETTINGS
    if bars and not quick:
        settings = bench.BARS
    names = {name for setting in settings for name in setting.names}
    for name in only:
        if name not in names:
            close = get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]!r}?" if close else _list(names)
            raise Failure(f"--only {name!r}: no such row; {hint}")
    return narrowed(settings, only=only, sizes=_sizes(sizes))


def _list(names: set[str]) -> str:
    return f"there is {', '.join(sorted(names))}"


def _sizes(text: str | None) -> list[int]:
    if text is None:
        return []
    words = text.replace(" ", "").split(",")
    sizes = [int(word) for word in words if word.isdecimal()]
    fits = all(_SIZE_LEAST <= size <= _SIZE_MOST for size in sizes)
    if len(sizes) != len(words) or not fits:
        raise Failure(
            f"--sizes {text!r}: write numbers from {_SIZE_LEAST} to {_SIZE_MOST:,} "
            "with commas between, such as 1000,20000"
        )
    return sizes


def _run(settings: Sequence[Setting], *, quick: bool) -> bench.Report:
    try:
        return bench.run_settings(
            settings,
            bench.QUICK if quick else bench.FULL,
            backend=active_backend(),
            effort_name="quick" if quick else "full",
            tell=print_note,
        )
    except bench.WrongAnswerError as error:
        raise Failure(str(error)) from error


def _write(picture: Path, report: bench.Report) -> None:
    try:
        draw(report, picture)
    except OSError as error:
        raise Failure(f"{picture}: cannot be written: {error.strerror}") from error


def _save(file: Path, answer: dict[str, Any]) -> None:
    text = msgspec.json.format(msgspec.json.encode(answer), indent=1) + b"\n"
    try:
        file.write_bytes(text)
    except OSError as error:
        raise Failure(f"{file}: cannot be written: {error.strerror}") from error


def _object(
    report: bench.Report, verdicts: list[Verdict], comparison: Comparison | None
) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(report)
    if verdicts:
        answer["bars"] = msgspec.to_builtins(verdicts)
    if comparison is not None:
        answer["comparison"] = msgspec.to_builtins(comparison)
    return answer


def _print(
    report: bench.Report, verdicts: list[Verdict], comparison: Comparison | None
) -> None:
    if verdicts:
        click.echo("\n".join(head_lines(report)) + "\n")
        for line in bar_lines(verdicts):
            missed = line.endswith("MISSED")
            click.echo(click.style(line, fg="red") if missed else line)
    else:
        click.echo("\n".join(report_lines(report)))
    if comparison is not None:
        click.echo("\n" + "\n".join(comparison_lines(comparison)))


def _exit_code(verdicts: list[Verdict], comparison: Comparison | None) -> int:
    """
    Return 1 for what is missed or worse, 2 if only a part could be judged, else 0.
    """
    held = {verdict.held for verdict in verdicts}
    if False in held or (comparison is not None and comparison.regressions):
        return 1
    return UNANSWERED if None in held else 0
