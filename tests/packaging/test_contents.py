"""What is in the wheels and in the source archive, and what must never be."""

from __future__ import annotations

import email
import email.message
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def tracked(folder: str) -> set[str]:
    """List the files of *folder* that are not ignored, relative to the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard", folder],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    names = {name for name in listed.stdout.split("\0") if name}
    return {name for name in names if (REPOSITORY / name).is_file()}


def in_wheel(wheel: Path) -> set[str]:
    """List the files of a wheel without its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            n for n in archive.namelist() if ".dist-info/" not in n and n[-1] != "/"
        }


def metadata(wheel: Path) -> email.message.Message:
    """Read the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(name))


def package_files() -> set[str]:
    """List what each wheel must hold: the package as it lies in the repository."""
    files = {name.removeprefix("src/") for name in tracked("src/skillroute")}
    assert "skillroute/py.typed" in files
    assert "skillroute/reference/__init__.py" in files
    return files


def test_the_pure_wheel_holds_the_package_and_nothing_else(pure_wheel: Path) -> None:
    """A stale core in it would be loaded on any machine that happens to fit."""
    assert pure_wheel.name.endswith("-py3-none-any.whl")
    assert package_files() == in_wheel(pure_wheel)


def test_the_rust_wheel_holds_the_package_and_one_core(rust_wheel: Path) -> None:
    """Two cores in one wheel, and which of them runs is chance."""
    assert "-cp311-abi3-" in rust_wheel.name
    extra = in_wheel(rust_wheel) - package_files()
    assert set() == package_files() - in_wheel(rust_wheel)
    assert {"skillroute/_core.abi3.so"} == extra


@pytest.mark.parametrize("which", ["pure_wheel", "rust_wheel"])
def test_the_metadata_is_the_projects(
    which: str, request: pytest.FixtureRequest
) -> None:
    """Two tools write the wheels; users must not notice which one."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    said = metadata(request.getfixturevalue(which))
    assert project["project"]["version"] == said["Version"]
    assert "Apache-2.0" == said["License-Expression"]
    assert project["project"]["requires-python"] == said["Requires-Python"]
    asked = said.get_all("Requires-Dist", [])
    needed = [text for text in asked if "extra ==" not in text]
    assert sorted(project["project"]["dependencies"]) == sorted(needed)
    extras = project["project"]["optional-dependencies"]
    assert sorted(extras) == sorted(said.get_all("Provides-Extra", []))
    assert sum(map(len, extras.values())) == len(asked) - len(needed)


def test_the_core_in_the_wheel_has_no_planted_faults(rust_wheel: Path) -> None:
    """They are for tests; a number set by accident would break routing."""
    with zipfile.ZipFile(rust_wheel) as archive:
        core = archive.read("skillroute/_core.abi3.so")
    assert b"set_mutant" not in core


def test_the_source_archive_builds_every_variant(sdist: Path) -> None:
    """What is left out of it cannot be built from it."""
    with tarfile.open(sdist) as archive:
        top = sdist.name.removesuffix(".tar.gz") + "/"
        names = {m.name.removeprefix(top) for m in archive.getmembers() if m.isfile()}
    for folder in ("_build", "rust", "src"):
        assert tracked(folder)
        assert set() == tracked(folder) - names
    assert {"LICENSE", "README.md", "pyproject.toml", "rust/Cargo.lock"} <= names
    assert [] == [n for n in names if n.endswith(".so") or n.startswith("rust/target")]
