"""The dialects of the interface, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version names its verbs and its device key."""

    name: str
    discovery_verb: str
    info_verb: str
    device_key: str  # key in JSON that names the device
    names_version: bool  # discovery, info and stream carry type and specVersion

    def matches(self, spec_version: str) -> bool:
        """Return whether a `specVersion` belongs to this dialect."""
        return spec_version.startswith(self.name.rsplit(".", 1)[0] + ".") or spec_version == self.name


V0_9_5 = Dialect("0.9.5", "MOSIPDISC", "MOSIPDINFO", "deviceId", names_version=False)
V1_0 = Dialect("1.0", "SBIDISC", "SBIINFO", "serialNo", names_version=True)
DIALECTS = (V0_9_5, V1_0)


def dialect_of(spec_versions: Sequence[str], answered: Dialect) -> Dialect:
    """Choose by the first version of the discovery reply; the dialect that answered stands in for an unknown one."""
    if not spec_versions:
        return answered
    return next((d for d in DIALECTS if d.matches(spec_versions[0])), answered)
