"""
Provoke what a driver raises, so that the page shows what people really get to read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock

from skillroute.driver import DriverSettings, Router
from skillroute.errors import JournalError, SkillrouteError
from skillroute.events import Advanced
from skillroute.journal import SqliteJournal, StartedJournal
from skillroute.plan import parse_plan
from skillroute.recorded import read_day

from .codes import Code
from .provoked import HEAD


def messages() -> dict[Code, str]:
    """
    Provoke the exceptions, and return the message of each code.
    """
    found: dict[Code, str] = {}
    logging.disable()
    for provoke in (_host_unknown, _journal_failed, _journal_down):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            _note(found, provoke())
    logging.disable(logging.NOTSET)
    compacted = cast("StartedJournal", SimpleNamespace(base_seq=10_000))
    try:
        read_day(compacted)
    except JournalError as error:
        found["JournalError", error.code] = error.message
    return found


async def _host_unknown() -> None:
    router = Router(parse_plan(HEAD), host="ateric", journal="site.journal")
    async with router:
        pass


async def _journal_failed() -> None:
    settings = DriverSettings(on_failure="stop")
    plan = parse_plan(HEAD)
    router = Router(plan, host={}, journal="site.journal", settings=settings)
    async with router:
        with _failing():
            await router.run()


async def _journal_down() -> None:
    plan = parse_plan(HEAD)
    async with Router(plan, host={}, journal="site.journal") as router:
        with _failing():
            await router.tell(Advanced())
            await router.reload(plan)


def _failing() -> contextlib.AbstractContextManager[object]:
    full = JournalError(code="journal_write_failed", message="full", where="x")
    return mock.patch.object(SqliteJournal, "commit", side_effect=full)


def _note(found: dict[Code, str], provoke: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(provoke)
    except SkillrouteError as error:
        found[type(error).__name__, error.code] = error.message
        return
    raise AssertionError("nothing was raised")
