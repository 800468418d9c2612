"""
Keep a journal of today for the tests of tomorrow.

Run it when ``SEMANTICS`` was raised: ``python -m tests.journal.keep``.  A journal that
is kept is never written again: later versions must be able to read it.
"""

from __future__ import annotations

import shutil
from hashlib import blake2b
from pathlib import Path

import msgspec

from skillroute.journal import open_journal, state_hash
from skillroute.plan.compiled import CompiledPlan
from skillroute.reference.state import Snapshot
from skillroute.semantics import SEMANTICS

from .days import Day

KEPT = Path(__file__).parent / "kept"
SEED = 12
EVENTS = 250


class Known(msgspec.Struct, frozen=True):
    """What is known of a journal that is kept."""

    semantics: int
    layout: str
    """Of compiled plans and of states, when it was written."""
    records: int
    refused: int
    people: int
    state_hash: str


def layout() -> str:
    """Name the layout of today's compiled plans and states."""
    seen: dict[str, list[str]] = {}
    for root in (CompiledPlan, Snapshot):
        _describe(root, seen)
    return blake2b(repr(sorted(seen.items())).encode(), digest_size=8).hexdigest()


def _describe(kind: type, seen: dict[str, list[str]]) -> None:
    if kind.__name__ in seen:
        return
    fields = msgspec.structs.fields(kind)
    seen[kind.__name__] = [f"{field.name}: {field.type}" for field in fields]
    for field in fields:
        for part in (msgspec.inspect.type_info(field.type),):
            for struct in _structs(part):
                _describe(struct, seen)


def _structs(info: msgspec.inspect.Type) -> list[type]:
    """List the structs in a type."""
    if isinstance(info, msgspec.inspect.StructType):
        return [info.cls]
    inner: list[msgspec.inspect.Type] = []
    for name in ("item_type", "value_type", "key_type"):
        inner += [getattr(info, name)] if hasattr(info, name) else []
    inner += getattr(info, "types", ()) or ()
    inner += getattr(info, "item_types", ()) or ()
    return [struct for each in inner for struct in _structs(each)]


def keep() -> Path:
    """Write a journal of today, and what is known of it."""
    KEPT.mkdir(exist_ok=True)
    path = KEPT / f"semantics-{SEMANTICS}.journal"
    path.unlink(missing_ok=True)
    day = Day(SEED)
    with open_journal(path, plan=day.plan, snapshot_every=100) as journal:
        written = day.write(journal, EVENTS, group=20)
        journal.note("kept", "for later versions", written[-1].at_ms)
        journal.commit()
        known = Known(
            semantics=SEMANTICS,
            layout=layout(),
            records=EVENTS + 1,
            refused=sum(bool(one.refused) for one in written),
            people=journal.verify().people,
            state_hash=state_hash(day.engine.snapshot()),
        )
    shutil.rmtree(f"{path}-lock", ignore_errors=True)
    Path(f"{path}-lock").unlink(missing_ok=True)
    path.with_suffix(".json").write_bytes(
        msgspec.json.format(msgspec.json.encode(known)) + b"\n"
    )
    return path


if __name__ == "__main__":
    print(keep())  # noqa: T201 - a command line
