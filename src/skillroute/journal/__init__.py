"""
The journal: an append-only record of every event of a site.

``open_journal`` opens one, ``restart`` makes an engine of it, and ``Journal`` says
what any journal can do.  An event is appended with the orders that the engine gave,
and only when ``commit`` has made it durable do the orders leave.
"""

from __future__ import annotations

from ._blocks import digest_of
from ._compact import Compacted
from ._export import export_jsonl, export_parquet, line_of
from ._interface import (
    Check,
    Durability,
    Journal,
    KeptSnapshot,
    Progress,
    Record,
    Recovery,
    Verified,
)
from ._open import open_journal
from ._personal import is_in_state
from ._recheck import Difference, Rechecked, recheck
from ._repair import Repaired, repair
from ._restart import Restarted, StartedJournal, restart, state_hash
from ._sqlite import Settings, SqliteJournal

__all__ = [
    "Check",
    "Compacted",
    "Difference",
    "Durability",
    "Journal",
    "KeptSnapshot",
    "Progress",
    "Rechecked",
    "Record",
    "Recovery",
    "Repaired",
    "Restarted",
    "Settings",
    "SqliteJournal",
    "StartedJournal",
    "Verified",
    "digest_of",
    "export_jsonl",
    "export_parquet",
    "is_in_state",
    "line_of",
    "open_journal",
    "recheck",
    "repair",
    "restart",
    "state_hash",
]
