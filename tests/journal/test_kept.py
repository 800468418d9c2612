"""
Journals of earlier versions: read for ever, replayed to the very state within one
number of behaviour and one layout of plans and states.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from skillroute.errors import SkillrouteError
from skillroute.journal import open_journal, recheck, restart, state_hash
from skillroute.semantics import SEMANTICS

from .keep import KEPT, Known, layout

FILES = sorted(KEPT.glob("*.journal"))


def known_of(file: Path) -> Known:
    """Read what is known of a kept journal."""
    return msgspec.json.decode(file.with_suffix(".json").read_bytes(), type=Known)


def test_one_is_kept_of_every_number() -> None:
    """Raise the number, and run ``python -m tests.journal.keep``."""
    kept = [known_of(file).semantics for file in FILES]
    assert list(range(1, SEMANTICS + 1)) == sorted(kept)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_read(file: Path, tmp_path: Path) -> None:
    """A site that is upgraded must find its record."""
    path = Path(shutil.copy(file, tmp_path))
    known = known_of(file)
    with open_journal(path) as journal:
        found = journal.verify()
        assert (known.records, known.people) == (found.records, found.people)
        records = list(journal.records())
        assert known.refused == sum(bool(record.refused) for record in records)
        assert {known.semantics} == {record.semantics for record in records}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_replayed(file: Path, tmp_path: Path, backend_name: str) -> None:
    """Within one number the same is decided; across numbers the difference is named."""
    path = Path(shutil.copy(file, tmp_path))
    known = known_of(file)
    same = (known.semantics, known.layout) == (SEMANTICS, layout())
    with open_journal(path) as journal:
        try:
            state = restart(journal, backend=backend_name).engine.snapshot()
            start = restart(journal, backend=backend_name, until_seq=0).engine
            for frames in journal.frames():
                start.replay(frames)
            found = recheck(journal, backend=backend_name)
        except SkillrouteError as error:
            assert not same, f"raise SEMANTICS: {error}"  # noqa: PT017
            return
        if same:
            assert known.state_hash == state_hash(state), "raise SEMANTICS"
            assert state == start.snapshot()
            assert (0, ()) == (found.differing, found.differences)
        assert known.records - 1 == found.events
