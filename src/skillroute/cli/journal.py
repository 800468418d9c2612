"""
``skillroute journal``: look after the record of a site.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ._output import (
    Failure,
    count,
    is_terminal,
    print_json,
    print_note,
    require_folder,
)

if TYPE_CHECKING:
    from ..journal import Progress, Record, SqliteJournal

__all__ = ["command"]

_DAY_MS = 86_400_000
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_FILE = click.argument("file", type=click.Path())


@click.group("journal")
def command() -> None:
    """
    Look after the record of a site: verify, show, export, compact, repair, erase.

    The exit code is 1 if the journal is damaged or the answer is no, and 2 if there is
    no journal to ask.
    """


# Reading ---------------------------------------------------------------------


@command.command("verify")
@_FILE
@click.option("--replay", is_flag=True, help="Decide everything again, and compare.")
@_JSON
@click.pass_context
def verify(ctx: click.Context, file: str, *, replay: bool, as_json: bool) -> None:
    """
    Read everything and check it against its checksums.

    With --replay every recorded event is decided once more: orders, refusals and
    kept states must be the same.
    """
    from ..errors import JournalError
    from ..journal import recheck

    try:
        with _opened(file, read_only=True, check="tail") as journal:
            with _progress("reading") as told:
                found = journal.verify(told)
            again = None
            if replay:
                with _progress("deciding") as told:
                    again = recheck(journal, progress=told)
            torn_bytes = journal.recovered.torn_bytes
    except JournalError as error:
        if error.code != "journal_damaged":
            raise Failure(error.message) from error
        _print_damage(error, as_json=as_json)
        ctx.exit(1)
    ok = again is None or not again.differing
    if as_json:
        facts = {"found": found, "torn_bytes": torn_bytes, "replay": again}
        print_json({"version": 1, "ok": ok, **facts, "problem": None})
    else:
        click.echo(f"{file}: whole, {_counted(found)}")
        if torn_bytes:
            click.echo(f"  {count(torn_bytes, 'byte')} of an unfinished commit")
        for line in _replay_lines(again):
            click.echo(line)
    ctx.exit(0 if ok else 1)


@command.command("show")
@_FILE
@click.option("--call", "call", metavar="ID", help="Only this call and its offers.")
@click.option("--from", "first", type=int, default=1, help="First record.")
@click.option("--until", "last", type=int, help="Last record.")
@click.option("--people", is_flag=True, help="Print numbers and names, not their ids.")
@_JSON
@click.pass_context
def show(
    ctx: click.Context,
    file: str,
    call: str | None,
    first: int,
    last: int | None,
    *,
    people: bool,
    as_json: bool,
) -> None:
    """
    Print what happened, one record a line.

    With --json each line is an object, as "export" writes it.  The exit code is 1
    if there is nothing to show.
    """
    from ..journal import line_of

    shown = 0
    with _asked(file, check="tail") as journal:
        offers = set() if call is None else _offers(journal, call)
        for record in journal.records(first - 1, last, people=people):
            line = line_of(record)
            event = line["event"]
            is_its = call == event.get("call") or event.get("offer") in offers
            if call is not None and not is_its:
                continue
            shown += 1
            if as_json:
                click.echo(msgspec.json.encode({"version": 1, **line}))
            else:
                click.echo(_shown(record, line))
        if not shown:
            about = "" if call is None else f" about call {call!r}"
            print_note(f"{file}: nothing{about}; {_extent(journal)}")
    ctx.exit(0 if shown else 1)


def _offers(journal: SqliteJournal, call: str) -> set[int]:
    """
    Find the offers of a call, which its later records name in its place.
    """
    from ..actions import OfferCall
    from ..errors import UnknownIdError
    from ..recorded import follow_call

    try:
        life = follow_call(journal, call)
    except UnknownIdError:
        # It came before the journal begins: only what names it can be shown.
        return set()
    orders = [action for moment in life for action in moment.actions]
    return {order.offer for order in orders if isinstance(order, OfferCall)}


def _extent(journal: SqliteJournal) -> str:
    first, last = journal.base_seq + 1, journal.last_seq
    if last < first:
        return "the journal has no records"
    return f"the journal has the records {first:,} to {last:,}"


@command.command("export")
@_FILE
@click.argument("output", type=click.Path())
@click.option("--without-people", is_flag=True, help="Write ids, no numbers or names.")
def export(file: str, output: str, *, without_people: bool) -> None:
    """
    Write all records as JSON Lines, or as Parquet.

    OUTPUT ends in .jsonl or .parquet, or is - for JSON Lines on stdout.
    """
    from ..journal import export_jsonl, export_parquet

    people = not without_people
    kind = Path(output).suffix
    if output != "-" and kind not in {".jsonl", ".parquet"}:
        raise Failure(f"{output}: a name that ends in .jsonl or .parquet was expected")
    if output != "-":
        require_folder("", output)
    with _asked(file, check="tail") as journal, _progress("writing") as told:
        if output == "-":
            done = export_jsonl(journal, sys.stdout.buffer, told, people=people)
        elif kind == ".jsonl":
            with Path(output).open("wb") as out:
                done = export_jsonl(journal, out, told, people=people)
        else:
            done = export_parquet(journal, output, told, people=people)
    print_note(f"{output}: {count(done, 'record')}")


# Changing --------------------------------------------------------------------


@command.command("compact")
@_FILE
@click.option(
    "--keep-days", type=click.FloatRange(min=0), required=True, help="How much stays."
)
@_JSON
def compact(file: str, *, keep_days: float, as_json: bool) -> None:
    """
    Take away what is older than so many days, and people who are in nothing else.

    What is left begins with a snapshot. Nobody may write to the journal meanwhile.
    """
    from ..journal import restart

    before_ms = int(time.time() * 1000 - keep_days * _DAY_MS)
    with _asked(file, read_only=False) as journal:

        def state_behind(seq: int) -> tuple[bytes, str]:
            found = restart(journal, until_seq=seq)
            return found.engine.snapshot(), found.plan_id

        done = journal.compact(before_ms, state_behind)
    if as_json:
        print_json({"version": 1, **msgspec.structs.asdict(done)})
    else:
        taken = f"{count(done.records, 'record')} and {done.people:,} of the people"
        click.echo(f"{file}: took away {taken}; it begins behind {done.base_seq:,}")


@command.command("repair")
@_FILE
@click.argument("new", type=click.Path())
@_JSON
@click.pass_context
def repair(ctx: click.Context, file: str, new: str, *, as_json: bool) -> None:
    """
    Save what is good of a damaged journal into a new one.

    FILE stays as it is. What is left out is listed, and written to
    NEW.left-out.jsonl as far as it can be read. The exit code is 1 if anything is.
    """
    from ..errors import JournalError
    from ..journal import repair as repaired_into

    require_folder("", new)
    try:
        done = repaired_into(file, new)
    except JournalError as error:
        raise Failure(error.message) from error
    if as_json:
        print_json({"version": 1, **msgspec.structs.asdict(done)})
    else:
        for problem in done.problems:
            click.echo(problem)
        click.echo(f"{new}: {count(done.kept, 'record')} kept")
        for first, last in done.left_out:
            click.echo(f"left out: sequence {first:,} to {last:,}")
        if done.readable:
            click.echo(f"  {new}.left-out.jsonl has {done.readable:,} of them")
    ctx.exit(1 if done.left_out else 0)


@command.command("erase")
@_FILE
@click.argument("number")
@_JSON
@click.pass_context
def erase(ctx: click.Context, file: str, number: str, *, as_json: bool) -> None:
    """
    Forget a person: their number, and every spelling and name that came with it.

    NUMBER is written as the journal has it, such as +74951234567. Nobody may write to
    the journal meanwhile, and the person may not be in a call.
    """
    from ..journal import is_in_state, restart

    with _asked(file, read_only=False) as journal:
        if is_in_state(restart(journal).engine.snapshot(), number):
            raise Failure(f"{number} is in a call; erase it when that has ended")
        erased = journal.erase(number)
    if as_json:
        print_json({"version": 1, "ok": erased > 0, "erased": erased})
    else:
        click.echo(f"{file}: {count(erased, 'spelling')} of {number} erased")
    ctx.exit(0 if erased else 1)


# Shared ----------------------------------------------------------------------


@contextlib.contextmanager
def _asked(
    file: str, *, read_only: bool = True, check: Any = "all"
) -> Iterator[SqliteJournal]:
    """
    Open a journal; what is wrong with it ends the command.
    """
    from ..errors import JournalError

    try:
        with _opened(file, read_only=read_only, check=check) as journal:
            yield journal
    except JournalError as error:
        raise Failure(error.message) from error


def _opened(file: str, *, read_only: bool, check: Any) -> SqliteJournal:
    from ..journal import open_journal

    return open_journal(file, read_only=read_only, check=check)


@contextlib.contextmanager
def _progress(label: str) -> Iterator[Progress | None]:
    """
    Show on a terminal how far long work is.
    """
    if not is_terminal(sys.stderr):
        yield None
        return
    with click.progressbar(length=1000, label=label, file=sys.stderr) as bar:

        def tell(done: int, total: int) -> None:
            bar.update(1000 * done // max(total, 1) - bar.pos)

        yield tell


def _print_damage(error: Any, *, as_json: bool) -> None:
    if as_json:
        problem = {"code": error.code, "message": error.message, "where": error.where}
        print_json({"version": 1, "ok": False, "problem": problem})
    else:
        click.echo(error.message)


def _counted(found: Any) -> str:
    parts = [
        count(found.records, "record"),
        count(found.snapshots, "snapshot"),
        count(found.plans, "plan"),
        count(found.people, "spelling"),
    ]
    if found.lost:
        parts.append(f"{found.lost:,} missing in holes")
    return ", ".join(parts)


def _replay_lines(again: Any) -> Iterator[str]:
    if again is None:
        return
    events, states = count(again.events, "event"), count(again.snapshots, "state")
    yield f"  decided again: {events}, {states}, {again.differing:,} differing"
    for each in again.differences:
        yield (
            f"  sequence {each.seq}: {each.what}: {each.recorded or 'none'} by "
            f"{each.semantics}, would be {each.now or 'none'} now"
        )


def _shown(record: Record, line: dict[str, Any]) -> str:
    """
    Write a record for people.
    """
    event = line["event"]
    words = [f"{name}={_word(value)}" for name, value in event.items() if value]
    if record.refused:
        words.append(f"refused:{record.refused}")
    return f"{record.seq:>8} {line['at']} {line['kind']} {' '.join(words)}".rstrip()


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("number") or value.get("kind") or value)
    return str(value)
