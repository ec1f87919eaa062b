"""Choose among devices of one kind, and remember it for this kit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from fieldkit.domain.people.accounts import User
from fieldkit.ports.choices import Choice, ChoosingRegistry, choice_of
from fieldkit.ports.clock import Clock
from fieldkit.ports.devices import DeviceKind, DeviceStatus
from fieldkit.ports.store import Store

_SETTING = "chosen_devices"


class ChooseDevice:
    """Keeps the choices in the settings of the kit."""

    def __init__(self, registry: ChoosingRegistry, store: Store, clock: Clock, user: User) -> None:
        self._registry, self._store, self._clock, self._user = registry, store, clock, user

    def recall(self) -> None:
        """Choose again what was chosen on another day; a kind of device unknown today is passed over."""
        with self._store.read() as unit:
            kept = unit.settings.get(_SETTING) or {}
        known = {kind.value: kind for kind in DeviceKind}
        self._registry.restore({known[name]: Choice(**choice) for name, choice in kept.items() if name in known})

    def choose(self, status: DeviceStatus) -> None:
        """Use this device for its kind from now on, also after the next start."""
        kept = {**self._registry.choices(), status.kind: choice_of(status)}
        with self._store.write() as unit:
            unit.settings.put(_SETTING, {kind.value: asdict(choice) for kind, choice in kept.items()})
            payload = {"driver": status.driver, "serial": kept[status.kind].serial}
            unit.events.append("device_chosen", status.kind.value, payload, self._user.user_id, self._clock.now())
        self._registry.choose(status)

    def chosen(self) -> Mapping[DeviceKind, Choice]:
        """Return what this kit uses where somebody chose."""
        return self._registry.choices()
