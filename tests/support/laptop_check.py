"""Somebody who looks after the laptop and finds what a test put there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fieldkit.domain.errors import InputError, Problem
from fieldkit.ports.laptop import Finding

FOUND = (
    Finding("disk", None, "77.2 GB"),
    Finding("clock", Problem("doctor.clock_off", {"off": "-400.0 s"}), "-400.0 s", is_needed=False),
    Finding("store_file", Problem("doctor.store_damaged"), "0.0 MB"),
    Finding("devices", Problem("device.pcsc.no_service"), "pcsc", is_needed=False),
)


class PresetCheck:
    def __init__(self, found: Sequence[Finding] = FOUND) -> None:
        self.found, self.asked = found, [""]

    def examine(self) -> Sequence[Finding]:
        return self.found

    def diagnose(self, place: str) -> Path:
        if not place:
            raise InputError("diagnosis.where").at("place")
        self.asked.append(place)
        return Path(place) / "diagnosa-20261121-0900.zip"
