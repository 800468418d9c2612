"""
What takes part in a comparison: the pool, and each peer that somebody would write.

A contender is four functions over agents and needs, which are small integers, and every
one of them is called in the same way by the same loop.  A peer that lacks a library, or
cannot take a workload, says why; it is never left out in silence.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import sysconfig
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from .workloads import Workload

__all__ = ["Contender", "Peer", "missing_modules", "no_compiler", "takes_all"]


class Release(Protocol):
    """
    Let an agent be free, since then.
    """

    def __call__(self, agent: int, idle_since_ms: int, /) -> Any:
        """
        Release them.
        """


class Contender(NamedTuple):
    """
    One way to choose among the agents of a workload, in its state at the beginning.
    """

    select: Callable[[int], int | None]
    """Who would get a call with these needs; None: nobody."""
    reserve: Callable[[int], int | None]
    """The same, and they are busy from then on."""
    take: Callable[[int], Any]
    """Let an agent be busy who is free."""
    release: Release
    """Let an agent be free who is busy."""
    retag: Callable[[int, list[str]], Any] | None = None
    """Give an agent other tags, as texts; None: it cannot."""


def _is_there() -> str:
    return ""


def takes_all(work: Workload) -> str:  # noqa: ARG001
    """
    Refuse no workload.
    """
    return ""


class Peer(NamedTuple):
    """
    A contender that can be made, or the reason why not.
    """

    name: str
    about: str
    """What it is, for people."""
    make: Callable[[Workload], Contender]
    absent: Callable[[], str] = _is_there
    """Why it cannot run here at all; empty: it can."""
    prepare: Callable[[], object] = _is_there
    """Do once what takes long, such as compiling; may raise anything."""
    refuses: Callable[[Workload], str] = takes_all
    """Why it is left out of a workload; empty: it is not."""

    def problem(self) -> str:
        """
        Say why it cannot run here; empty: it can, and is prepared.
        """
        why = self.absent()
        if why:
            return why
        try:
            self.prepare()
        # Whatever a compiler dislikes, the other contenders run without it.
        except Exception as error:  # noqa: BLE001
            return f"it cannot be made here: {error}"
        return ""


def missing_modules(*names: str) -> str:
    """
    Say which modules are not installed, and how to get them; empty: they all are.
    """
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if not missing:
        return ""
    return f"no {' and no '.join(missing)}: install skillroute[bench]"


def no_compiler() -> str:
    """
    Say that there is no C compiler or no headers; empty: there are.
    """
    wanted = missing_modules("setuptools")
    if wanted:
        return wanted
    if sys.platform == "win32":
        return ""  # setuptools looks for it in places of its own
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None and shutil.which("cc") is None:
        return f"no C compiler ({compiler})"
    return ""
