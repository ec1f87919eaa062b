"""Refuse a wheel for an environment that other programs share."""

from __future__ import annotations

import os
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class OnlyInItsOwnEnvironment(BuildHookInterface):  # type: ignore[type-arg]
    """Lets `make package` and editable installs of a checkout pass."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002, D102 – hatchling's name
        if version != "editable" and not os.environ.get("FIELDKIT_PRIVATE_ENVIRONMENT"):
            raise RuntimeError(
                "fieldkit-ktpel has top-level packages named ui, drivers, sync and assets, which would meet those of "
                "other programs in a shared site-packages. Build the Debian packages with `make package`, which bring "
                "an environment of their own, or set up a checkout with `make setup`."
            )
