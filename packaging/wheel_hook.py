"""Refuse a wheel for an environment that other programs share, and put the manual into the one that is built."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class OnlyInItsOwnEnvironment(BuildHookInterface):  # type: ignore[type-arg]
    """Lets `make package` and editable installs of a checkout pass."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: D102 – hatchling's name
        if version != "editable" and not os.environ.get("FIELDKIT_PRIVATE_ENVIRONMENT"):
            raise RuntimeError(
                "fieldkit-ktpel has top-level packages named ui, drivers, sync and assets, which would meet those of "
                "other programs in a shared site-packages. Build the Debian packages with `make package`, which bring "
                "an environment of their own, or set up a checkout with `make setup`."
            )
        if version != "editable":  # F1 opens it; a checkout reads it where it is written
            build_data["force_include"][str(Path(self.root) / "docs" / "panduan")] = "assets/panduan"
