"""
Peers that are compiled when they are needed: a linear scan in C, the heaps in Cython.

Their sources lie beside this file.  They are compiled once in a process, into a folder
that goes with it.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import os
import shutil
import sys
import tempfile
from array import array
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from .contenders import Contender, Peer, missing_modules, no_compiler
from .python_peers import fitting_sets
from .workloads import Workload

__all__ = ["COMPILED_PEERS", "noop_function", "noop_problem"]

WORD_BITS = 64
OPTIMISE = ("/O2",) if sys.platform == "win32" else ("-O3",)


def noop_function() -> Callable[[object], None]:
    """
    Return a function of C that takes one argument and does nothing.

    Raises:
        Exception: It cannot be compiled; ``noop_problem`` says why.
    """
    function: Callable[[object], None] = _c().noop
    return function


@functools.cache
def noop_problem() -> str:
    """
    Say why there is no such function; empty: there is.
    """
    return SCAN_C.problem()


def _scan_c(work: Workload) -> Contender:
    words = -(-work.tag_count // WORD_BITS)
    scan = _c().Scan(
        words,
        b"".join(_bits(tags, words) for tags in work.agents),
        b"".join(_bits(tags, words) for tags in work.needs),
        array("q", work.idle_since_ms).tobytes(),
    )
    return Contender(scan.select, scan.reserve, scan.take, scan.release)


def _heap_memo_cython(work: Workload) -> Contender:
    distinct = {tags: number for number, tags in enumerate(dict.fromkeys(work.agents))}
    memo = fitting_sets(distinct, work.needs)
    made = _cython().HeapMemo(
        [distinct[tags] for tags in work.agents],
        list(work.idle_since_ms),
        len(distinct),
        memo,
    )
    return Contender(made.select, made.reserve, made.take, made.release)


def _bits(tags: tuple[int, ...], words: int) -> bytes:
    return sum(1 << tag for tag in tags).to_bytes(words * 8, sys.byteorder)


def _c() -> ModuleType:
    return _compiled("linear_scan", ".c")


def _cython() -> ModuleType:
    return _compiled("heap_memo", ".pyx")


@functools.cache
def _compiled(name: str, suffix: str) -> ModuleType:
    """
    Compile a source beside this file and import it.
    """
    folder = Path(tempfile.mkdtemp(prefix="skillroute-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    source = folder / f"{name}{suffix}"
    source.write_bytes(files(__package__).joinpath(source.name).read_bytes())
    (built,) = _build(name, source)
    spec = importlib.util.spec_from_file_location(name, built)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _build(name: str, source: Path) -> list[Path]:
    from setuptools import Distribution, Extension

    extensions: list[Any] = [
        Extension(name, [str(source)], extra_compile_args=list(OPTIMISE))
    ]
    if source.suffix == ".pyx":
        from Cython.Build import cythonize

        extensions = cythonize(extensions, quiet=True)
    distribution = Distribution({"name": name, "ext_modules": extensions})
    command: Any = distribution.get_command_obj("build_ext")
    command.build_lib = command.build_temp = str(source.parent)
    command.ensure_finalized()
    with _quiet():
        command.run()
    return [Path(path) for path in command.get_outputs()]


class _quiet:  # noqa: N801 - used as a function
    """
    Send what compilers print to nowhere.
    """

    def __enter__(self) -> None:
        sys.stdout.flush()
        self._kept = os.dup(1)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)

    def __exit__(self, *raised: object) -> None:
        os.dup2(self._kept, 1)
        os.close(self._kept)


SCAN_C = Peer("scan_c", "every agent looked at, in C", _scan_c, no_compiler, _c)

COMPILED_PEERS = (
    SCAN_C,
    Peer(
        "heap_memo_cython",
        "the heaps and the memo in typed Cython",
        _heap_memo_cython,
        lambda: missing_modules("Cython") or no_compiler(),
        _cython,
    ),
)
