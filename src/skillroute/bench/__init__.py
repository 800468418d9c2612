"""
How fast the pool and the engine are, beside what somebody would write instead.

``skillroute bench`` is the command.  Every contender's answers are compared with brute
force before anything is timed, all of a row are timed in turns in one process, and a
peer that cannot run here is named with the reason.
"""

from __future__ import annotations

from .report import Report, Row, read_report
from .run import PEERS, run_settings
from .sessions import WrongAnswerError
from .settings import BARS, FULL_SETTINGS, QUICK_SETTINGS
from .timing import FULL, QUICK
from .workloads import KINDS, make_workload

__all__ = [
    "BARS",
    "FULL",
    "FULL_SETTINGS",
    "KINDS",
    "PEERS",
    "QUICK",
    "QUICK_SETTINGS",
    "Report",
    "Row",
    "WrongAnswerError",
    "make_workload",
    "read_report",
    "run_settings",
]
