"""Copies of the repository, and what is built from them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent

Run = Callable[..., str]


@pytest.fixture(scope="session")
def uv() -> Run:
    """Give a function that runs uv in a folder and returns what it printed."""
    program = os.environ.get("UV") or shutil.which("uv")
    assert program, "uv is not on PATH: run the tests with `uv run`"

    def run(folder: Path, *arguments: str | Path, **settings: str) -> str:
        foreign = ("VIRTUAL_ENV", "PYTHONPATH", "SKILLROUTE_BUILD")
        clean = {k: v for k, v in os.environ.items() if k not in foreign}
        answer = subprocess.run(
            [program, *map(str, arguments)],
            cwd=folder,
            env={**clean, "UV_PYTHON": sys.executable, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    return run


@pytest.fixture(scope="session")
def copy_repository() -> Callable[[Path], Path]:
    """Give a function that copies the repository, without what is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in listed.stdout.split("\0") if name]
    assert "pyproject.toml" in names

    def copy(target: Path) -> Path:
        for name in names:
            source = REPOSITORY / name
            if source.is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target / name)
        return target

    return copy


@pytest.fixture(scope="session")
def tree(
    copy_repository: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give a copy of the repository that no test changes."""
    tree = copy_repository(tmp_path_factory.mktemp("tree"))
    # Left behind by an earlier build: none of it may get into a wheel.
    stale = tree / "src" / "skillroute"
    (stale / "_core.cpython-39-stale.so").touch()
    (stale / "_cython").mkdir()
    (stale / "_cython" / "__init__.py").touch()
    (stale / "_cython" / "engine.cpython-39-stale.so").touch()
    return tree


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the built files go to."""
    return tmp_path_factory.mktemp("dist")


@pytest.fixture(scope="session")
def sdist(tree: Path, dist: Path, uv: Run) -> Path:
    """Build the source archive."""
    uv(tree, "build", "--sdist", "--out-dir", dist)
    (found,) = dist.glob("skillroute-*.tar.gz")
    return found


@pytest.fixture(scope="session")
def pure_wheel(sdist: Path, uv: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from the source archive, on a machine with no toolchain."""
    out = tmp_path_factory.mktemp("pure")
    uv(out, "build", "--wheel", "--out-dir", out, sdist, PATH=str(out / "empty"))
    (found,) = out.glob("skillroute-*.whl")
    return found


@pytest.fixture(scope="session")
def rust_wheel(tree: Path, dist: Path, uv: Run) -> Path:
    """Build the wheel with the Rust core, in the profile of the checks."""
    profile = ("--config-setting", "build-args=--profile ci")
    arguments = ("build", "--wheel", "--out-dir", dist, *profile)
    # What the repository's own build has compiled is used again.
    target = str(REPOSITORY / "rust" / "target")
    uv(tree, *arguments, SKILLROUTE_BUILD="rust", CARGO_TARGET_DIR=target)
    (found,) = dist.glob("skillroute-*.whl")
    return found


@pytest.fixture(scope="session")
def simulator_wheel(
    tree: Path, uv: Run, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Build the wheel of the plugin that belongs to the repository."""
    out = tmp_path_factory.mktemp("simulator")
    uv(tree, "build", "--wheel", "--package", "skillroute-simulator", "--out-dir", out)
    (found,) = out.glob("skillroute_simulator-*.whl")
    return found
