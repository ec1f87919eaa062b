"""The operator's finger opens the screen of a running session. It opens neither the store nor a signing key."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from fieldkit.domain.errors import Recovery, RuleError, VaultError
from fieldkit.domain.people.accounts import User
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.clock import Clock
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    Cancel,
    CaptureRequest,
    DeviceError,
    DeviceKind,
    DeviceState,
    FingerTemplate,
    FingerVerifier,
    NotConnectedError,
    Registry,
)
from fieldkit.ports.store import Store

TRIES = 3  # then only PIN or passphrase, until the next sign-in
TIMEOUT_MS = 15_000
IMPRESSIONS = 3  # no two show the same part of the finger: of the next one more is found among them than by one
OPERATOR = "operator:"


def operator_key(user_id: str) -> str:
    """Return under what an operator's finger stands among the templates; no id of a record begins so."""
    return f"{OPERATOR}{user_id}"


class _Unseen:
    """Nobody looks at the picture."""

    def offer(self, jpeg: bytes) -> None:
        pass


class UnlockByFinger:
    """For the user who is signed in. The template lies in the encrypted store; events tell only that it is there.

    The calls block: run them on the executor of the reader.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        user: User,
        clock: Clock,
        describe: Callable[[Sequence[Sample]], bytes] | None = None,
    ) -> None:
        self._describe = describe  # what makes the finger known when it is laid for a resident's
        self._store, self._registry, self._user, self._clock = store, registry, user, clock
        self._tries = TRIES

    @property
    def is_learnt(self) -> bool:
        """Whether a finger of this user is kept."""
        return self._kept() is not None

    @property
    def has_reader(self) -> bool:
        """Whether a reader that compares fingers is connected, as far as the last scan saw."""
        return any(True for _ in self._readers())

    @property
    def is_ready(self) -> bool:
        """Whether a finger would open now: one is kept, a reader of its kind is there, and tries are left."""
        template = self._kept() if self._tries else None
        return template is not None and any(reader.template_kind == template.kind for reader in self._readers())

    def learn(self, cancel: Cancel, awaits: Callable[[int], None] = lambda _number: None) -> None:
        """Take a finger of the user and keep it in place of the one before. Raise a `DeviceError`.

        `awaits` hears which of the `IMPRESSIONS` to know it by among a resident's is awaited next, from 1.
        """
        reader = self._reader()
        reader.open(cancel)
        template = reader.learn_finger(cancel, TIMEOUT_MS)
        described = self._prints(reader, cancel, awaits)
        kept = {"kind": template.kind, "template": base64.b64encode(template.content).decode()}
        self._keep(kept, "unlock_finger_kept", described)

    def forget(self) -> None:
        """Erase the template."""
        self._keep(None, "unlock_finger_forgotten")

    def unlock(self, cancel: Cancel) -> None:
        """Return when the finger laid on the reader is the user's.

        Raise `VaultError` `unlock.wrong_finger` (left) or `unlock.finger_exhausted`, `RuleError`
        `unlock.no_finger_kept`, or a `DeviceError`: without a finger no try is used up.
        """
        if self._tries == 0:
            raise VaultError("unlock.finger_exhausted")
        template = self._kept()
        if template is None:
            raise RuleError("unlock.no_finger_kept")
        reader = self._reader(template.kind)
        reader.open(cancel)
        if reader.is_finger_of(template, cancel, TIMEOUT_MS):
            self._tries = TRIES
            return
        self._tries -= 1
        if self._tries == 0:
            raise VaultError("unlock.finger_exhausted")
        raise VaultError("unlock.wrong_finger", recovery=Recovery.RETRY, left=self._tries)

    def _prints(self, reader: FingerVerifier, cancel: Cancel, awaits: Callable[[int], None]) -> bytes:
        """Return what images of the finger are compared by, b"" from a reader that gives none."""
        if self._describe is None or not isinstance(reader, BiometricCaptureDevice):
            return b""
        now = self._clock.now()
        # Which finger it is nobody says: it is compared with all ten of a person.
        request = CaptureRequest("", now, Modality.FINGER, (Position.RIGHT_INDEX,), timeout_ms=TIMEOUT_MS)
        samples: list[Sample] = []
        with suppress(DeviceError):  # the lock opens all the same, and the finger is known by the impressions before
            for number in range(1, IMPRESSIONS + 1):
                awaits(number)
                samples += reader.capture(request, _Unseen(), cancel).samples
        return self._describe(samples)

    def _reader(self, kind: str = "") -> FingerVerifier:
        if not tuple(self._registry.statuses()):
            self._registry.scan()
        for reader in self._readers():
            if kind in ("", reader.template_kind):
                return reader
        raise NotConnectedError("unlock.no_reader")

    def _readers(self) -> Iterator[FingerVerifier]:
        for status in self._registry.statuses():
            if status.kind is DeviceKind.FINGERPRINT and status.state is DeviceState.READY:
                device = self._registry.device(status)
                if isinstance(device, FingerVerifier):
                    yield device

    def _kept(self) -> FingerTemplate | None:
        with self._store.read() as unit:
            kept = unit.settings.get(self._name)
        return FingerTemplate(kept["kind"], base64.b64decode(kept["template"])) if kept else None

    def _keep(self, value: Mapping[str, str] | None, event: str, described: bytes = b"") -> None:
        with self._store.write() as unit:
            unit.settings.put(self._name, value)
            unit.finger_templates.erase(operator_key(self._user.user_id))
            if described:
                unit.finger_templates.keep(operator_key(self._user.user_id), described)
            unit.events.append(event, self._user.user_id, {}, self._user.user_id, self._clock.now())

    @property
    def _name(self) -> str:
        return f"unlock_finger.{self._user.user_id}"
