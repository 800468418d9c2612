"""
Writes a journal for other programs: as JSON Lines or as Parquet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from ..errors import JournalError
from ._interface import Journal, Progress, Record

__all__ = ["export_jsonl", "export_parquet", "line_of"]

BATCH = 10_000
"""Rows in memory at once, and in a row group of Parquet."""

_UTC = dt.UTC


def line_of(record: Record) -> dict[str, Any]:
    """
    Return a record as an object of plain values.

    Returns:
        ``seq``, ``at_ms``, ``at`` (ISO 8601, UTC), ``kind`` (the event's class, or
        ``note``), ``event`` (its fields by their names; of a note ``kind`` and
        ``text``), ``refused``, ``digest`` (hexadecimal), ``semantics``.
    """
    event: dict[str, Any] = {"kind": record.note_kind, "text": record.text}
    if record.event is not None:
        event = _plain(record.event)
        event.pop("type")
    return {
        "seq": record.seq,
        "at_ms": record.at_ms,
        "at": _at(record).isoformat(timespec="milliseconds"),
        "kind": "note" if record.event is None else type(record.event).__name__,
        "event": event,
        "refused": record.refused,
        "digest": record.digest.hex(),
        "semantics": record.semantics,
    }


def export_jsonl(
    journal: Journal,
    file: IO[bytes],
    progress: Progress | None = None,
    *,
    people: bool = True,
) -> int:
    """
    Write one object a line, as ``line_of`` makes it; return how many.

    Args:
        journal: The journal.
        file: Where to write.
        progress: Told how far it is.
        people: False: ids in place of numbers and names.
    """
    encode = msgspec.json.Encoder().encode
    count = 0
    for record in journal.records(people=people):
        file.write(encode(line_of(record)) + b"\n")
        count += 1
        if progress is not None and count % 1000 == 0:
            progress(record.seq, journal.durable_seq)
    return count


def export_parquet(
    journal: Journal,
    path: str | Path,
    progress: Progress | None = None,
    *,
    people: bool = True,
) -> int:
    """
    Write a Parquet file with one row a record; return how many.

    The columns are those of ``line_of``, with ``event`` as JSON, and beside them
    ``call``, ``agent`` and ``offer`` where the event names one.

    Args:
        journal: The journal.
        path: The file to write.
        progress: Told how far it is.
        people: False: ids in place of numbers and names.

    Raises:
        JournalError: The library ``pyarrow`` is not there (``parquet_missing``).
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, and slow to import
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise JournalError(
            code="parquet_missing",
            message='Parquet needs pyarrow: pip install "skillroute[parquet]"',
            where=str(path),
        ) from error
    schema = pa.schema(
        [
            ("seq", pa.int64()),
            ("at", pa.timestamp("ms", tz="UTC")),
            ("kind", pa.string()),
            ("call", pa.string()),
            ("agent", pa.string()),
            ("offer", pa.int64()),
            ("event", pa.string()),
            ("refused", pa.string()),
            ("digest", pa.string()),
            ("semantics", pa.int64()),
        ]
    )
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _batches(journal, people=people):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += len(rows)
            if progress is not None:
                progress(rows[-1]["seq"], journal.durable_seq)
    return count


def _batches(journal: Journal, *, people: bool) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for record in journal.records(people=people):
        line = line_of(record)
        event = line["event"]
        for name in ("call", "agent", "offer"):
            line[name] = event.get(name)
        line["event"] = msgspec.json.encode(event).decode()
        line["at"] = _at(record)
        del line["at_ms"]
        rows.append(line)
        if len(rows) == BATCH:
            yield rows
            rows = []
    if rows:
        yield rows


def _at(record: Record) -> dt.datetime:
    seconds, milliseconds = divmod(record.at_ms, 1000)
    at = dt.datetime.fromtimestamp(seconds, _UTC)
    return at.replace(microsecond=milliseconds * 1000)


def _plain(value: Any) -> Any:
    """
    Return events and what is in them as objects with names in place of arrays.
    """
    if isinstance(value, msgspec.Struct):
        fields = {n: _plain(getattr(value, n)) for n in value.__struct_fields__}
        tagged = value.__struct_config__.tag is not None
        return {"type": type(value).__name__, **fields} if tagged else fields
    if isinstance(value, list | tuple):
        return [_plain(element) for element in value]
    return value
