"""Put compiled engines into a wheel that hatchling writes."""

from __future__ import annotations

from typing import Any

import skillroute_build
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledEngines(BuildHookInterface):
    """Name the compiled files, and the platform's tag, if Cython was asked for."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Change nothing unless `SKILLROUTE_BUILD` is `cython` or `all`."""
        variant = skillroute_build.requested_variant()
        if version == "editable" or variant not in ("cython", "all"):
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"] += ["src/skillroute/_cython/**"]
        if variant == "all":
            build_data["artifacts"] += ["src/skillroute/_core*"]
