"""The build backend: which engine it tries, what it asks for, when it gives in."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the backend, as a build tool imports it; nothing in it writes files."""
    monkeypatch.delenv("SKILLROUTE_BUILD", raising=False)
    monkeypatch.syspath_prepend(str(REPOSITORY / "_build"))
    module = importlib.import_module("skillroute_build")
    monkeypatch.setattr(module, "_remove_compiled", lambda: None)
    monkeypatch.setattr(module, "_maturin", lambda *_: "rust.whl")
    monkeypatch.setattr(module, "_hatchling", lambda *_: "pure.whl")
    monkeypatch.setattr(module, "rust_problem", lambda: None)
    return module


def packages(requirements: list[str]) -> set[str]:
    """Take the versions off."""
    return {requirement.split(">")[0] for requirement in requirements}


def test_rust_is_built_where_it_can_be(build: ModuleType) -> None:
    """The fast engine must not need a variable."""
    assert {"hatchling", "maturin"} == packages(build.get_requires_for_build_wheel())
    assert "rust.whl" == build.build_wheel("out")


def test_pure_is_built_where_rust_cannot_be(
    build: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And it is said aloud: nobody should measure the wrong engine unknowingly."""
    monkeypatch.setattr(build, "rust_problem", lambda: "no cargo on PATH")
    assert {"hatchling"} == packages(build.get_requires_for_build_wheel())
    assert "pure.whl" == build.build_wheel("out")
    assert "WARNING" in capsys.readouterr().err


@pytest.mark.parametrize("error", [SystemExit(1), ImportError("maturin"), OSError()])
def test_pure_is_built_when_rust_fails(
    error: BaseException,
    build: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A registry that cannot be reached is no reason for having no router."""

    def fail(*_: object) -> str:
        raise error

    monkeypatch.setattr(build, "_maturin", fail)
    assert "pure.whl" == build.build_wheel("out")
    assert "the Rust build failed" in capsys.readouterr().err


@pytest.mark.parametrize("variant", ["rust", "all"])
def test_what_is_forced_fails_loudly(
    variant: str, build: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asked for Rust and got Python would find out in production."""
    monkeypatch.setenv("SKILLROUTE_BUILD", variant)
    monkeypatch.setattr(build, "rust_problem", lambda: "no cargo on PATH")
    assert "maturin" in packages(build.get_requires_for_build_wheel())
    with pytest.raises(build.BuildError, match="no cargo on PATH"):
        build.build_wheel("out")


def test_an_unknown_variant_is_an_error(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing error must not build something else."""
    monkeypatch.setenv("SKILLROUTE_BUILD", "pure")
    with pytest.raises(build.BuildError, match="rust, cython, python, all"):
        build.get_requires_for_build_wheel()


def test_the_build_says_why_there_is_no_rust(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The sentence must tell an old toolchain from none."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "_build"))
    build = importlib.import_module("skillroute_build")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no cargo on PATH" == build.rust_problem()
    for name, said in (("cargo", ""), ("rustc", "rustc 1.60.0 (7737e0b5c 2022-04-04)")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{said}'\n")
        program.chmod(0o755)
    assert str(build.rust_problem()).startswith("rustc 1.60 is older than 1.")
