"""What whoever runs a gateway may switch on, from the environment, so that every worker has it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

_ON = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class Switches:
    """All off unless said."""

    logs_json: bool = False  # FIELDKIT_LOG=json: one line of JSON a request on standard error
    shows_openapi: bool = False  # FIELDKIT_OPENAPI=1: the description of all routes at /openapi.json
    metrics_token: str = field(default="", repr=False)  # FIELDKIT_METRICS_TOKEN: who has it reads /metrics from afar

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Switches:
        """Read them."""
        return cls(
            logs_json=environment.get("FIELDKIT_LOG", "").lower() == "json",
            shows_openapi=environment.get("FIELDKIT_OPENAPI", "").lower() in _ON,
            metrics_token=environment.get("FIELDKIT_METRICS_TOKEN", ""),
        )
