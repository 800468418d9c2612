"""
Provoke what parts of a study raise, so that the page shows what people really read.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from skillroute.errors import JournalError
from skillroute.simulation import Arm, Study, StudyPart, join_parts, read_part

from .codes import Code

STUDY = Study(
    scenario="day",
    compiled=b"",
    seed=1,
    replications=4,
    arms=(),
    definition="all_offered",
    thresholds_ms=(20_000,),
    short_ms=5_000,
    zone="UTC",
)


def messages() -> dict[Code, str]:
    """
    Provoke the exceptions, and return the message of each code.
    """
    found: dict[Code, str] = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("x.tallies").write_bytes(b"x")
        _note(found, lambda: read_part(Path("x.tallies")))
    _note(found, lambda: join_parts([_part(STUDY), _part(replace(STUDY, seed=2))]))
    alone = replace(STUDY, arms=(Arm(name="p.toml", plan_id="", plan=b""),))
    _note(found, lambda: join_parts([_part(alone)]))
    return found


def _part(study: Study) -> StudyPart:
    tallies = ((),) * len(study.arms)
    return StudyPart(format=1, study=study, backend="rust", tallies=tallies, seconds=0)


def _note(found: dict[Code, str], provoke: Callable[[], object]) -> None:
    try:
        provoke()
    except JournalError as error:
        found.setdefault(("JournalError", error.code), error.message)
        return
    raise AssertionError("nothing was raised")
