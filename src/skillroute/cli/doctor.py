"""
``skillroute doctor``: whether this installation works.
"""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click
import msgspec

from .. import backends
from ..errors import PluginError
from ._output import print_json
from .plugins import found_plugins

__all__ = ["command"]

_ALL_BACKENDS = ("rust", "cython", "python")

_WHY_NOT = {
    "rust": "not built: no compiled module; the pure backend does the same, slower",
    "cython": "not built: it is made on request only, and nothing needs it",
    "python": "missing, though it belongs to every installation: install again",
}


class _Finding(msgspec.Struct, frozen=True):
    """
    One thing that was looked at.
    """

    name: str
    ok: bool
    detail: str


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """
    See whether this installation works.

    The exit code is 1 if something is wrong.
    """
    findings = _findings()
    ok = all(finding.ok for finding in findings)
    if as_json:
        print_json({"version": 1, "ok": ok, "checks": findings, **_facts()})
    else:
        for finding in findings:
            mark = click.style("ok ", fg="green")
            if not finding.ok:
                mark = click.style("BAD", fg="red", bold=True)
            click.echo(f"{mark} {finding.name:<12} {finding.detail}")
    ctx.exit(0 if ok else 1)


def _findings() -> list[_Finding]:
    found = backends.available()
    missing = [
        _Finding(f"  {name}", name != "python", _WHY_NOT[name])
        for name in _ALL_BACKENDS
        if name not in found
    ]
    return [
        _version("skillroute"),
        _Finding("python", True, _python()),
        _version("tzdata"),
        _active(),
        *missing,
        *(_self_check(name) for name in found),
        _plugins(),
        _variables(),
    ]


def _facts() -> dict[str, Any]:
    """
    Return for programs what the lines say to people.
    """
    try:
        active = backends.active()
    except ImportError:
        active = None
    return {
        "python": platform.python_version(),
        "backend": active,
        "backends": backends.available(),
        "variables": _our_variables(),
    }


def _python() -> str:
    return f"{platform.python_implementation()} {platform.python_version()}"


def _version(distribution: str) -> _Finding:
    try:
        return _Finding(distribution, True, version(distribution))
    except PackageNotFoundError:
        return _Finding(distribution, False, "not installed: install skillroute again")


def _active() -> _Finding:
    try:
        name = backends.active()
    except ImportError as error:
        return _Finding("backend", False, f"{error} (see SKILLROUTE_BACKEND)")
    others = [other for other in backends.available() if other != name]
    also = f"; also there: {', '.join(others)}" if others else ""
    return _Finding("backend", True, f"{name}{also}")


def _self_check(backend: str) -> _Finding:
    """
    Send one call through an engine: the seller with fewest tags must get it.
    """
    from ..plan import parse_plan, starter_plan
    from ..simulation import Behaviour, SimulatedCall, simulate_calls

    name = f"  {backend}"
    call = SimulatedCall(call="check", arrival_after_ms=0, handling_ms=1000)
    try:
        result = simulate_calls(
            parse_plan(starter_plan()), [call], Behaviour(), seed=0, backend=backend
        )
    # Whatever goes wrong in there is what the person who asks wants to know.
    except Exception as error:  # noqa: BLE001
        return _Finding(name, False, f"a call went wrong: {error!r}")
    got = (result.calls[0].outcome, result.calls[0].answered_by)
    if got != ("answered", "vera"):
        return _Finding(name, False, f"a call ended as {got}, not answered by vera")
    return _Finding(name, True, "a call went through")


def _plugins() -> _Finding:
    try:
        found = found_plugins()["plugins"]
    except PluginError as error:
        return _Finding("plugins", False, error.message)
    names = [f"{plugin['name']} {plugin['version']}" for plugin in found]
    return _Finding("plugins", True, ", ".join(names) or "none")


def _variables() -> _Finding:
    texts = [f"{name}={value}" for name, value in _our_variables().items()]
    return _Finding("variables", True, ", ".join(texts) or "none set")


def _our_variables() -> dict[str, str]:
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith("SKILLROUTE_")
    }
