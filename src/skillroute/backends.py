"""
Choose among the engines that are installed.

There are three, of equal behaviour: ``rust`` (the compiled core), ``python`` (the
executable specification) and ``cython`` (that specification, compiled). They can be
used side by side in one process. Nothing is loaded before a function here is called.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from types import SimpleNamespace

_MODULES = {
    "rust": "skillroute._core",
    "cython": "skillroute._cython",
    "python": "skillroute.reference",
}

_HOW_TO_GET = {
    "rust": "install a wheel of your platform, or build with SKILLROUTE_BUILD=rust",
    "cython": "build with SKILLROUTE_BUILD=cython or SKILLROUTE_BUILD=all",
    "python": "it is part of every installation, so this one is damaged",
}

# Cython is a witness, not a tier: as fast as the interpreter, so never a default.
_PREFERENCE = ("rust", "python")

_PUBLIC = ("Engine", "MaskTrie", "Pool", "ScheduleIndex", "run_replication")


def available() -> tuple[str, ...]:
    """
    Name the engines of this installation.

    Returns:
        Names in the order ``rust``, ``cython``, ``python``, without the missing.

    Cost: looks for files and imports nothing but the package itself.
    """
    return tuple(name for name, module in _MODULES.items() if _is_installed(module))


def active() -> str:
    """
    Name the engine that ``skillroute.Engine`` comes from.

    Returns:
        What the environment variable ``SKILLROUTE_BACKEND`` asks for; if it is unset
        or empty, ``rust`` where it is installed, else ``python``.

    Raises:
        ImportError: the variable names an engine that is unknown or missing.
    """
    asked = os.environ.get("SKILLROUTE_BACKEND")
    if asked:
        _require(asked)
        return asked
    for name in _PREFERENCE:
        if _is_installed(_MODULES[name]):
            return name
    return _require("python")


def load(name: str) -> SimpleNamespace:
    """
    Import one engine.

    Args:
        name: ``rust``, ``cython`` or ``python``.

    Returns:
        A namespace with ``name`` and the public classes of that engine: ``Engine``,
        ``MaskTrie``, ``Pool``, ``ScheduleIndex``, as far as it has them; and
        ``run_replication``, where simulations run inside of it.

    Raises:
        ImportError: the engine is unknown or missing; the message lists those that
            are installed and says how to get it.
    """
    module = importlib.import_module(_MODULES[_require(name)])
    public = {word: getattr(module, word) for word in _PUBLIC if hasattr(module, word)}
    return SimpleNamespace(name=name, **public)


def _require(name: str) -> str:
    if name not in _MODULES:
        message = f"unknown backend {name!r}: expected one of {', '.join(_MODULES)}"
        raise ImportError(message)
    if not _is_installed(_MODULES[name]):
        message = (
            f"backend {name!r} is not installed: available are "
            f"{', '.join(available()) or 'none'}; to get it, {_HOW_TO_GET[name]}"
        )
        raise ImportError(message, name=_MODULES[name])
    return name


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
