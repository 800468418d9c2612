"""Choosing an engine: what is there, what was asked for, what is missing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import skillroute
from skillroute import backends


def test_the_specification_is_always_available() -> None:
    """Without it an installation has nothing to fall back on."""
    assert "python" in backends.available()


def test_every_available_backend_loads_an_engine(backend: SimpleNamespace) -> None:
    """A backend that is listed but cannot be loaded would fail at the first call."""
    assert backend.name in backends.available()
    assert callable(backend.Engine)


def test_backends_are_different_classes() -> None:
    """Were one hidden behind another, it would be compared to itself."""
    engines = [backends.load(name).Engine for name in backends.available()]
    assert len(set(engines)) == len(engines)


def test_the_fastest_is_active_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody should have to set a variable to get the compiled core."""
    monkeypatch.delenv("SKILLROUTE_BACKEND", raising=False)
    expected = "rust" if "rust" in backends.available() else "python"
    assert expected == backends.active()


@pytest.mark.parametrize("asked", backends.available())
def test_the_variable_forces_a_backend(
    asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever suspects the core must be able to run without it."""
    monkeypatch.setenv("SKILLROUTE_BACKEND", asked)
    assert asked == backends.active()


def test_an_empty_variable_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit files and compose files set variables to nothing rather than unset them."""
    monkeypatch.setenv("SKILLROUTE_BACKEND", "")
    assert backends.active() in ("rust", "python")


def test_an_unknown_backend_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error must not silently run another engine."""
    monkeypatch.setenv("SKILLROUTE_BACKEND", "rsut")
    with pytest.raises(ImportError, match=r"'rsut': expected one of rust, cython"):
        backends.active()


@pytest.mark.parametrize("missing", ["rust", "cython"])
def test_a_missing_backend_says_how_to_get_it(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is all that an administrator sees of a wrong installation."""
    monkeypatch.setitem(backends._MODULES, missing, "skillroute._absent")
    assert missing not in backends.available()
    with pytest.raises(ImportError) as caught:
        backends.load(missing)
    assert f"backend {missing!r} is not installed" in str(caught.value)
    assert "python" in str(caught.value)
    assert f"SKILLROUTE_BUILD={missing}" in str(caught.value)


def test_the_package_shows_the_active_backend() -> None:
    """Support asks for this first."""
    assert backends.active() == skillroute.backend
    assert backends.load(backends.active()).Engine is skillroute.Engine


def test_every_public_name_resolves() -> None:
    """A name that does not resolve would break ``import *`` for a user only."""
    assert len(skillroute.__all__) <= 12
    assert skillroute.__all__ == dir(skillroute)
    for name in skillroute.__all__:
        assert getattr(skillroute, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    """Anything else would break `hasattr` and every tool that uses it."""
    assert not hasattr(skillroute, "Enigne")
