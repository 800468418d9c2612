"""Bring the simulated host to skillroute."""

from __future__ import annotations

from importlib.metadata import version

from skillroute.hookspecs import Host, HostDescription, hookimpl

from ._host import SimulatorHost

__all__ = ["SimulatorHost", "skillroute_make_host", "skillroute_register_host"]


@hookimpl
def skillroute_register_host() -> HostDescription:
    """Describe the simulated host: nothing is played, so everything can be."""
    return HostDescription(
        name="simulator",
        summary="Simulated switch, for trying plans and for tests",
        version=version("skillroute-simulator"),
        capabilities=(
            "answer",
            "bridge",
            "collect",
            "detect_dtmf",
            "hold",
            "originate",
            "play",
            "record",
            "transfer",
            "voicemail",
            "whisper",
        ),
    )


@hookimpl
def skillroute_make_host(name: str) -> Host | None:
    """Make the simulated host; it plays what its settings say."""
    return SimulatorHost() if name == "simulator" else None
