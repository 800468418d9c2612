"""
Build skillroute: PEP 517 and PEP 660 hooks that choose an engine.

With nothing asked for, the Rust core is built if a toolchain is there, and the
distribution is pure Python if not. The environment variable ``SKILLROUTE_BUILD``
forces ``rust``, ``cython``, ``python`` or ``all`` (Rust and Cython); then a failure
is an error instead of a reason to go on without.

maturin writes what holds only the Rust core, hatchling everything else. There is no
``prepare_metadata_for_build_wheel``: their metadata files differ, and which of them
runs is known only once Rust was built.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import compile_reference

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "skillroute"
# A folder that tells uv, by `cache-keys`, whether compiled files lie in the tree.
EDITABLE_MARK = ROOT / "build" / "editable"
VARIANTS = ("rust", "cython", "python", "all")

Settings = dict[str, Any] | None


class BuildError(RuntimeError):
    """What was asked for by ``SKILLROUTE_BUILD`` cannot be built here."""


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """Name what an sdist needs; it is the same on every machine."""
    return ["hatchling>=1.27"]


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Name what this machine's build needs; no compiler, no compiler's packages."""
    variant = requested_variant()
    requires = ["hatchling>=1.27"]
    if variant in ("rust", "all") or (variant is None and rust_problem() is None):
        requires.append("maturin>=1.16,<2")
    if variant in ("cython", "all"):
        requires += ["cython>=3.3,<4", "setuptools>=80"]
    return requires


get_requires_for_build_editable = get_requires_for_build_wheel


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Write the source archive; hatchling does, for it needs no toolchain."""
    from hatchling import build

    name: str = build.build_sdist(sdist_directory, config_settings)
    return name


def build_wheel(
    wheel_directory: str,
    config_settings: Settings = None,
    metadata_directory: str | None = None,
) -> str:
    """Write a wheel and return its file name."""
    return _build("build_wheel", wheel_directory, config_settings)


def build_editable(
    wheel_directory: str,
    config_settings: Settings = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the engines into ``src/`` and write the wheel that points there."""
    _remove_compiled()
    EDITABLE_MARK.mkdir(parents=True, exist_ok=True)
    return _build("build_editable", wheel_directory, config_settings)


def requested_variant() -> str | None:
    """Read ``SKILLROUTE_BUILD``; None means: Rust if possible, else pure."""
    variant = os.environ.get("SKILLROUTE_BUILD") or None
    if variant is not None and variant not in VARIANTS:
        expected = ", ".join(VARIANTS)
        raise BuildError(f"SKILLROUTE_BUILD={variant!r}: expected one of {expected}")
    return variant


def rust_problem() -> str | None:
    """Say why the Rust core cannot be built here; None if it is worth trying."""
    for tool in ("cargo", "rustc"):
        if shutil.which(tool) is None:
            return f"no {tool} on PATH"
    answer = subprocess.run(
        ["rustc", "--version"], capture_output=True, text=True, check=False
    )
    found = re.match(r"rustc (\d+)\.(\d+)", answer.stdout)
    if answer.returncode != 0 or found is None:
        return f"rustc does not run: {answer.stderr.strip()}"
    manifest = ROOT / "rust" / "Cargo.toml"
    if not manifest.is_file():
        return f"no {manifest}"
    workspace = tomllib.loads(manifest.read_text("utf-8"))["workspace"]
    needed = workspace["package"]["rust-version"]
    major, minor = (int(part) for part in needed.split(".")[:2])
    if (int(found[1]), int(found[2])) < (major, minor):
        return f"rustc {found[1]}.{found[2]} is older than {needed}"
    return None


def _build(hook: str, directory: str, settings: Settings) -> str:
    variant = requested_variant()
    if variant in ("rust", "all") and (problem := rust_problem()) is not None:
        raise BuildError(f"SKILLROUTE_BUILD={variant}: {problem}")
    if variant in ("cython", "all"):
        return _build_with_cython(hook, directory, settings, rust=variant == "all")
    if variant == "rust":
        return _maturin(hook, directory, settings)
    if variant is None and (name := _try_rust(hook, directory, settings)) is not None:
        return name
    return _hatchling(hook, directory, settings)


def _try_rust(hook: str, directory: str, settings: Settings) -> str | None:
    problem = rust_problem()
    if problem is None:
        try:
            return _maturin(hook, directory, settings)
        # maturin reports a failed build as SystemExit or CalledProcessError, a
        # missing maturin is an ImportError: each of them means "no Rust core".
        except (Exception, SystemExit) as error:
            problem = f"the Rust build failed: {error!r}"
            _remove_compiled()
    _warn(problem)
    return None


def _build_with_cython(
    hook: str, directory: str, settings: Settings, *, rust: bool
) -> str:
    _remove_compiled()
    if rust:
        # As a side effect an editable build lays the core into src/; the small
        # wheel that it writes is of no use here.
        with tempfile.TemporaryDirectory() as scrap:
            _maturin("build_editable", scrap, settings)
    compile_reference.compile_package(PACKAGE / "reference", PACKAGE / "_cython")
    return _hatchling(hook, directory, settings)


def _maturin(hook: str, directory: str, settings: Settings) -> str:
    import maturin

    # The interpreter of a build environment is a link with a new name each time.
    # pyo3 would take that for a change and compile itself again: 8 s, not 0.5 s.
    sys.executable = os.path.realpath(sys.executable)
    name: str = getattr(maturin, hook)(directory, settings)
    return name


def _hatchling(hook: str, directory: str, settings: Settings) -> str:
    from hatchling import build

    name: str = getattr(build, hook)(directory, settings)
    return name


def _remove_compiled() -> None:
    """Delete what earlier builds left: an old core must never look like a new one."""
    for pattern in ("_core*.so", "_core*.pyd", "_core*.dll", "_core*.dylib"):
        for stale in PACKAGE.glob(pattern):
            stale.unlink()
    shutil.rmtree(PACKAGE / "_cython", ignore_errors=True)


def _warn(problem: str) -> None:
    print(
        f"\nskillroute: WARNING: building without the Rust core: {problem}.\n"
        "skillroute: the pure Python engine decides the same, but far slower.\n"
        "skillroute: SKILLROUTE_BUILD=rust turns this warning into an error.\n",
        file=sys.stderr,
        flush=True,
    )
