"""Bring the simulated host to skillroute."""

from __future__ import annotations

from importlib.metadata import version

from skillroute.hookspecs import HostDescription, hookimpl


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
