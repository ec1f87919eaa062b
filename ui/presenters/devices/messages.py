"""Devices in words and lights, for the list of devices and the status bar."""

from __future__ import annotations

from collections.abc import Iterable

from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus
from ui.presenters.messages import CatalogMessage, Message, message
from ui.presenters.parts import Indicator, Light, Tone

TONES = {
    DeviceState.READY: Tone.GOOD,
    DeviceState.BUSY: Tone.SOFT,
    DeviceState.NOT_READY: Tone.CAUTION,
    DeviceState.ABSENT: Tone.NEUTRAL,
    DeviceState.SDK_MISSING: Tone.BAD,
    DeviceState.PERMISSION_DENIED: Tone.BAD,
    DeviceState.NOT_REGISTERED: Tone.BAD,
}

_LIGHTS = {
    Tone.GOOD: Light.READY,
    Tone.SOFT: Light.BUSY,
    Tone.CAUTION: Light.CAUTION,
    Tone.BAD: Light.BAD,
    Tone.NEUTRAL: Light.OFF,
}
# Where one kind has several devices the best of them speaks for it.
_ORDER = tuple(TONES)

NEEDED = (DeviceKind.FINGERPRINT, DeviceKind.IRIS, DeviceKind.CAMERA, DeviceKind.SIGNATURE_PAD)
"""Without one of these no record becomes complete; a card reader is welcome."""


def kind_words(kind: DeviceKind) -> CatalogMessage:
    """Return the name of a kind."""
    return message(f"device_kind.{kind.value}")


def state_words(state: DeviceState) -> CatalogMessage:
    """Return the name of a state."""
    return message(f"device_state.{state.value}")


def problem_of(status: DeviceStatus) -> Problem | None:
    """Return what is wrong with a device and how it is put right, None when nothing is said."""
    return Problem(status.detail, status.params) if status.detail else None


def best_of(statuses: Iterable[DeviceStatus]) -> dict[DeviceKind, DeviceStatus]:
    """Return the best device of each kind that may record; one for verification only replaces none of them."""
    best: dict[DeviceKind, DeviceStatus] = {}
    for status in (s for s in statuses if s.may_enrol):
        before = best.get(status.kind)
        if before is None or _ORDER.index(status.state) < _ORDER.index(before.state):
            best[status.kind] = status
    return best


def indicators(statuses: Iterable[DeviceStatus]) -> tuple[Indicator, ...]:
    """Return a light for each kind; a kind that no driver saw is off."""
    best = best_of(statuses)
    return tuple(_indicator(kind, best.get(kind)) for kind in DeviceKind)


def _indicator(kind: DeviceKind, status: DeviceStatus | None) -> Indicator:
    words = message(f"lamp.{kind.value}")
    if status is None:
        return Indicator(words, Light.OFF, state_words(DeviceState.ABSENT))
    detail: Message = problem_of(status) or state_words(status.state)
    return Indicator(words, _LIGHTS[TONES[status.state]], detail)


def ready_count(statuses: Iterable[DeviceStatus]) -> int:
    """Count the needed kinds that have a usable device."""
    best = best_of(statuses)
    usable = (DeviceState.READY, DeviceState.BUSY)
    return sum(kind in best and best[kind].state in usable for kind in NEEDED)
