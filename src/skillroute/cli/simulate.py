"""
``skillroute simulate``: what if, played many times over.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from ..errors import JournalError, PlanProblemsError
from ..plan import Plan, problem_of
from ..simulation import (
    Scenario,
    Staffing,
    Study,
    StudyPart,
    StudyResult,
    cannot_draw,
    draw_staffing,
    draw_study,
    find_staffing,
    join_parts,
    load_scenario,
    new_study,
    play,
    read_part,
    result_of,
    shard_of,
    study_object,
    write_part,
)
from ._output import (
    Failure,
    active_backend,
    count,
    is_terminal,
    plan_or_fail,
    print_json,
    print_note,
    problem_lines,
    require_folder,
)
from ._simulate_report import report_lines
from ._staffing_report import point_line, staffing_lines, staffing_object

__all__ = ["command"]

_PART = "shard-{number}-of-{of}.tallies"


@click.command("simulate")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--plan", "plan_file", type=click.Path(), help="Play it under this plan.")
@click.option(
    "--against", "against_file", type=click.Path(), help="Compare with a second plan."
)
@click.option(
    "--replications", type=click.IntRange(1, 100_000), help="How often it is played."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Where draws start.")
@click.option("--jobs", type=click.IntRange(1, 1024), help="Threads; all processors.")
@click.option(
    "--shard", metavar="I/N", help="Play part I of N, and write it for --merge."
)
@click.option("--merge", is_flag=True, help="Join the parts that FILES hold.")
@click.option(
    "--out", type=click.Path(file_okay=False), help="Write results into this folder."
)
@click.option(
    "--picture",
    "pictures",
    multiple=True,
    type=click.Path(dir_okay=False),
    help="Draw them, as .svg or .png; may be repeated.",
)
@click.option(
    "--staff", is_flag=True, help="Find how many agents the service level takes."
)
@click.option("--json", "as_json", is_flag=True, help="Print figures as JSON.")
def command(
    *,
    files: tuple[str, ...],
    plan_file: str | None,
    against_file: str | None,
    replications: int | None,
    seed: int | None,
    jobs: int | None,
    shard: str | None,
    merge: bool,
    out: str | None,
    pictures: tuple[str, ...],
    staff: bool,
    as_json: bool,
) -> None:
    """
    Play a scenario many times: what would callers wait, what would agents do.

    FILES is one scenario or, with --merge, the parts that --shard wrote.
    """
    for picture in pictures:
        _check_picture(picture)
    if shard is not None:
        _shard(shard)
    folder = None if out is None else _made_folder(out)
    if staff:
        scenario, _ = _scenarios(files, plan_file, None, seed)
        found = _staffing(scenario, replications, jobs)
        _print_staffing(found, pictures, as_json=as_json)
        return
    if merge:
        part = _joined(files)
    else:
        study = _study(files, plan_file, against_file, replications, seed)
        part = _played(study, jobs, shard)
    if shard is not None:
        _write_shard(part, shard, folder or Path())
        return
    result = result_of(part)
    answer = study_object(result)
    if folder is not None:
        _write_results(answer, result, folder)
    for picture in pictures:
        draw_study(result, Path(picture))
        print_note(f"drawn: {picture}")
    if as_json:
        rate = result.events / result.seconds if result.seconds else 0.0
        print_json({**answer, "events_per_s": round(rate)})
        return
    for line in report_lines(result):
        click.echo(line)


def _check_picture(picture: str) -> None:
    if Path(picture).suffix not in {".svg", ".png"}:
        raise Failure(f"--picture {picture}: a picture ends in .svg or .png")
    if missing := cannot_draw():
        raise Failure(
            f"--picture: {missing} is missing: pip install 'skillroute[simulate]'"
        )
    require_folder("--picture", picture)


def _made_folder(out: str) -> Path:
    """
    Make the folder of the results, before hours are spent on them.
    """
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"--out {out}: cannot be made: {error.strerror}") from error
    return folder


def _study(
    files: tuple[str, ...],
    plan_file: str | None,
    against_file: str | None,
    replications: int | None,
    seed: int | None,
) -> Study:
    scenario, against = _scenarios(files, plan_file, against_file, seed)
    if against is not None and _dialled(against) != _dialled(scenario):
        print_note(
            "note: the plans do not mean the same by the numbers of the scenario; both"
            " are played with what the first one means"
        )
    return new_study(scenario, against=against, replications=replications)


def _dialled(scenario: Scenario) -> list[str]:
    return [kind.dialled.number for kind in scenario.compiled.classes]


def _scenarios(
    files: tuple[str, ...],
    plan_file: str | None,
    against_file: str | None,
    seed: int | None,
) -> tuple[Scenario, Scenario | None]:
    if len(files) > 1:
        raise Failure("one scenario at a time; several FILES need --merge")
    file = files[0]
    plan = None if plan_file is None else plan_or_fail(plan_file)
    second = None if against_file is None else plan_or_fail(against_file)
    scenario = _loaded(file, plan_file, plan, seed)
    if second is None:
        return scenario, None
    return scenario, _loaded(file, against_file, second, scenario.compiled.seed)


def _loaded(
    file: str, plan_file: str | None, plan: Plan | None, seed: int | None
) -> Scenario:
    try:
        return load_scenario(file, plan=plan, seed=seed)
    except PlanProblemsError as error:
        if any(problem.path == "site" for problem in error.problems):
            raise Failure(
                f"{file} is a plan, no scenario: a scenario says who calls, and names"
                f' its plan with  plan = "{Path(file).name}"'
            ) from error
        for problem in map(problem_of, error.problems):
            print_note("\n".join(problem_lines(problem)))
        found = count(len(error.problems), "error")
        under = "" if plan_file is None else f" under {plan_file}"
        raise Failure(f"{file}: {found}; it cannot be played{under}") from error


def _staffing(
    scenario: Scenario, replications: int | None, jobs: int | None
) -> Staffing:
    if scenario.raw.staffing is None:
        raise Failure(f"--staff: {scenario.file} has no table [staffing]")
    for name, group in scenario.raw.staffing.groups.items():
        if group.like not in scenario.plan.raw.agents:
            what = f"{group.like!r}, whom {name!r} are like, is not in the plan"
            raise Failure(f"--staff: {what}")
    workers = jobs or os.cpu_count() or 1
    watched = is_terminal(sys.stderr)
    with ThreadPoolExecutor(workers) as executor:
        return find_staffing(
            scenario,
            replications=replications,
            executor=executor,
            workers=workers,
            backend=active_backend(),
            progress=(lambda point: print_note(point_line(point))) if watched else None,
        )


def _print_staffing(
    staffing: Staffing, pictures: tuple[str, ...], *, as_json: bool
) -> None:
    for picture in pictures:
        draw_staffing(staffing, Path(picture))
        print_note(f"drawn: {picture}")
    if as_json:
        print_json(staffing_object(staffing))
    else:
        for line in staffing_lines(staffing):
            click.echo(line)
    if staffing.best is None:
        raise click.exceptions.Exit(1)


def _played(study: Study, jobs: int | None, shard: str | None) -> StudyPart:
    numbers = None
    if shard is not None:
        numbers = shard_of(study.replications, *_shard(shard))
    workers = jobs or os.cpu_count() or 1
    progress = _progress() if is_terminal(sys.stderr) else None
    backend = active_backend()
    if workers == 1:
        return play(study, numbers=numbers, backend=backend, progress=progress)
    with ThreadPoolExecutor(workers) as executor:
        return play(
            study,
            numbers=numbers,
            executor=executor,
            workers=workers,
            backend=backend,
            progress=progress,
        )


def _shard(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise Failure(f"--shard {text}: write 1/4 for the first of four parts")
    return int(number), int(of)


def _write_shard(part: StudyPart, shard: str, folder: Path) -> None:
    number, of = _shard(shard)
    file = folder / _PART.format(number=number, of=of)
    write_part(part, file)
    played = count(len(part.tallies[0]), "replication")
    print_note(f"{played} written to {file}; join the parts with --merge")


def _joined(files: tuple[str, ...]) -> StudyPart:
    try:
        return join_parts([read_part(Path(file)) for file in files])
    except OSError as error:
        raise Failure(f"cannot read {error.filename}: {error.strerror}") from error
    except JournalError as error:
        raise Failure(f"--merge: {error.message}") from error


def _write_results(answer: dict[str, Any], result: StudyResult, folder: Path) -> None:
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(answer), indent=2)
    (folder / "result.json").write_bytes(text + b"\n")
    written = "".join(f"{line}\n" for line in report_lines(result, timed=False))
    (folder / "result.txt").write_text(written, "utf-8")
    print_note(f"written: {folder / 'result.json'}, {folder / 'result.txt'}")


def _progress() -> Callable[[int, int], None]:
    """
    Draw a bar on stderr, once a run has lasted a second.
    """
    begun_s = time.monotonic()

    def draw(done: int, of: int) -> None:
        passed_s = time.monotonic() - begun_s
        if passed_s < 1:
            return
        bar = "#" * (30 * done // max(of, 1))
        left_s = passed_s * (of - done) / max(done, 1)
        text = f"\r[{bar:<30}] {done:,} of {of:,} replications, {left_s:,.0f} s left  "
        click.echo(text if done < of else "\r" + " " * 76 + "\r", err=True, nl=False)

    return draw
