"""
Declare what a plugin can offer.

A plugin is a distribution with an entry point in the group ``skillroute`` that names
a module (or object) with functions marked by `hookimpl`. Hooks are called by keyword,
at start-up and in the driver, never inside an engine. An implementation may leave out
arguments that it does not need.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import pluggy

hookspec = pluggy.HookspecMarker("skillroute")
hookimpl = pluggy.HookimplMarker("skillroute")
"""Marker for the functions of a plugin that implement a hook."""

Capability = Literal[
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
]
"""What a switch can do with a call; a plan that needs more is refused at load."""


class HostDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One switch that a plugin connects."""

    name: str
    """Name by which a configuration asks for the host; unique among plugins."""

    summary: str
    """One line for people, with no full stop."""

    version: str
    """Version of the plugin, not of the switch."""

    capabilities: tuple[Capability, ...]
    """What the host can carry out, sorted by name."""


@hookspec
def skillroute_register_host() -> HostDescription:
    """
    Describe the host that this plugin brings.

    Called once at start-up; all answers are collected, plugins registered last come
    first. An exception stops the start, with the plugin's name.
    """
    raise NotImplementedError  # pluggy never calls a specification
