"""What differs between the versions of the interface."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Act(Enum):
    """What a request asks for."""

    DISCOVER = auto()
    DESCRIBE = auto()
    STREAM = auto()
    CAPTURE = auto()


@dataclass(frozen=True, slots=True)
class Dialect:
    """Verbs and paths of one version, and the JSON key that names a device."""

    version: str
    routes: dict[tuple[str, str], Act]
    device_key: str
    names_version: bool = False  # discovery, info and stream must name type and version


V0_9_5 = Dialect(
    "0.9.5",
    {
        ("MOSIPDISC", "/device"): Act.DISCOVER,
        ("MOSIPDINFO", "/info"): Act.DESCRIBE,
        ("STREAM", "/stream"): Act.STREAM,
        ("RCAPTURE", "/capture"): Act.CAPTURE,
    },
    "deviceId",
)

V1_0 = Dialect(
    "1.0.0",
    {
        ("SBIDISC", "/device"): Act.DISCOVER,
        ("SBIINFO", "/info"): Act.DESCRIBE,
        ("STREAM", "/stream"): Act.STREAM,
        ("RCAPTURE", "/capture"): Act.CAPTURE,
    },
    "serialNo",
    names_version=True,
)
