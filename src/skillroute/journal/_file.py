"""
The file of an SQLite journal: made, opened, locked, let go.

A journal is made beside its place and then renamed, so that no half-made one is ever
found there.  One process writes at a time: it holds a lock on ``FILE-lock``, which
the operating system lets go when the process ends, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..errors import JournalError
from . import _people

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

from ._interface import Durability

__all__ = [
    "FORMAT",
    "connect",
    "create",
    "damaged",
    "lock",
    "reading",
    "sync_folder",
    "unlock",
]

FORMAT = 1
"""Layout of the tables; a newer one is refused."""
_APPLICATION = 0x736B726A
"""``skrj``, where ``file`` and other programs look for the kind of a database."""

_SYNCHRONOUS: dict[Durability, str] = {"fsync": "FULL", "os": "NORMAL", "off": "OFF"}

_TABLES = f"""
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    durability TEXT NOT NULL,
    base_seq INTEGER NOT NULL,
    base_chain BLOB NOT NULL,
    base_plan TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    last_chain BLOB NOT NULL,
    last_plan TEXT NOT NULL,
    last_ms INTEGER,
    alive_ms INTEGER,
    checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE plan (id TEXT PRIMARY KEY, compiled BLOB NOT NULL) STRICT;
CREATE TABLE block (
    first_seq INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    semantics INTEGER NOT NULL,
    frames BLOB NOT NULL,
    marks BLOB NOT NULL,
    chain BLOB NOT NULL
) STRICT;
CREATE TABLE snapshot (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    plan_id TEXT NOT NULL,
    semantics INTEGER NOT NULL,
    chain BLOB NOT NULL,
    state BLOB NOT NULL,
    checksum BLOB NOT NULL
) STRICT;
{_people.SCHEMA};
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {FORMAT};
"""


def create(path: Path) -> None:
    """
    Make the tables of a new journal at *path*, which must not exist.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(_TABLES)
    finally:
        connection.close()


def connect(
    path: Path, *, durability: Durability, read_only: bool
) -> sqlite3.Connection:
    """
    Open the database of a journal that exists.

    Raises:
        JournalError: It is no journal (``journal_foreign``), or one of a later
            version (``journal_newer``).
    """
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=10.0,
    )
    try:
        with reading(path):
            _set_up(connection, path, durability, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(
    connection: sqlite3.Connection,
    path: Path,
    durability: Durability,
    *,
    read_only: bool,
) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != _APPLICATION:
        is_empty = path.stat().st_size == 0
        what = "an empty file" if is_empty else "a database of something else"
        raise JournalError(
            code="journal_foreign",
            message=f"{path} is {what}, no journal",
            where=str(path),
        )
    if version != FORMAT:
        raise JournalError(
            code="journal_newer",
            message=f"{path} has layout {version}, and this skillroute reads layout"
            f" {FORMAT}: take the version that wrote it, or a newer one",
            where=str(path),
        )
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[durability]}")
    # Only there do plain calls of fsync leave data in the drive's own memory.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")
    # An erased number must not stand on in a free page.
    connection.execute("PRAGMA secure_delete = ON")


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """
    Turn what SQLite says of a file that it cannot read into ``JournalError``.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_NOTADB":
            raise JournalError(
                code="journal_foreign",
                message=f"{path} is no journal: {error}",
                where=str(path),
            ) from error
        raise damaged(path, f"SQLite says: {error}") from error
    except OSError as error:
        raise JournalError(
            code="journal_unreadable",
            message=f"{path} cannot be read: {error.strerror}",
            where=str(path),
        ) from error


def damaged(path: Path, what: str, *, seq: int | None = None) -> JournalError:
    """
    Make the error for a file that is not what was written.
    """
    where = str(path) if seq is None else f"{path}: sequence {seq}"
    return JournalError(
        code="journal_damaged",
        message=f"{where}: {what}; `skillroute journal repair` saves what is good",
        where=where,
    )


def lock(path: Path) -> IO[bytes]:
    """
    Take the right to write, until ``unlock`` or the end of the process.

    Raises:
        JournalError: Another has it (``journal_in_use``).
    """
    file = Path(f"{path}-lock").open("ab")  # noqa: SIM115 - held as long as the journal
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise JournalError(
            code="journal_in_use",
            message=f"{path} is being written by another process",
            where=str(path),
        ) from error
    return file


def unlock(file: IO[bytes]) -> None:
    """
    Give the right to write back.
    """
    file.close()


def sync_folder(folder: Path) -> None:
    """
    Make a name in a folder durable, where folders can be synced.
    """
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
