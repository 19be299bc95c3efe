"""Hatchling's build hook: wheels and editable installs get the engine, which makes them belong to one platform."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

sys.path.insert(0, str(Path(__file__).parent))

import engine
import template
from golang import BuildFault


class EngineHook(BuildHookInterface[BuilderConfig]):
    """Compiles before the files of the wheel are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the engine; an editable install uses it where it was built."""
        try:
            engine.build()
        except BuildFault as fault:
            self.app.abort(str(fault))
        if version != "editable":  # an editable install reads the template where it is
            build_data["force_include"].update(template.files())
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_tag()}"


def platform_tag() -> str:
    """Where the wheel runs. The engine links no C library, so any Linux will do: glibc's or musl's."""
    if platform.system() == "Linux":
        machine = platform.machine()
        return f"manylinux2014_{machine}.musllinux_1_1_{machine}"
    return next(sys_tags()).platform
