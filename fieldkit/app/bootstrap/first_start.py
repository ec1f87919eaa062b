"""The first start of a laptop: from an empty home to a kit; a kill at any moment costs one step at most."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import InputError, known, reason_of
from fieldkit.domain.people.slip import Slip, slip_in
from fieldkit.ports.first_start import Begun, NewAdmin, Step, Strength

# What each step needs is imported by it: the first window must stand at once.
if TYPE_CHECKING:
    from fieldkit.ports.devices import Cancel, PreviewSink
    from fieldkit.vault.passphrases import Hardness

_MOST_BYTES = 40_000_000


def is_new(home: Home) -> bool:
    """Return whether this laptop has never been a kit, or an enrolment here was cut off before its end."""
    from fieldkit.app.bootstrap import pending_keys

    return not home.is_enrolled and (not home.holds_data or pending_keys.are_kept(home.path))


class HomeFirstStart:
    """Implements `FirstStart` for a home. What was begun stands in a file of the home until the kit is enrolled."""

    def __init__(self, home: Home, hardness: Hardness | None = None) -> None:
        """`hardness` is that of the key slots; None measures the laptop."""
        self._home, self._hardness = home, hardness

    def left(self) -> Begun:
        """Read the file; a damaged one begins anew, for all of it can be typed again."""
        try:
            kept = json.loads(self._home.first_start.read_text("utf-8"))
            slip = Slip(**{name: str(kept["slip"][name]) for name in ("url", "code", "ca_fingerprint", "kit", "admin")})
            return Begun(Step(kept["step"]), *(str(kept["language"]), slip, str(kept["admin"]), str(kept["name"])))
        except (OSError, ValueError, KeyError, TypeError):
            return Begun()

    def keep(self, begun: Begun) -> None:
        """Write the file; only its owner may read it, for the code on the slip lets a laptop in."""
        from fieldkit.storage.folders import make_private
        from fieldkit.vault.durable import write_durably

        try:
            make_private(self._home.path.absolute())
            write_durably(self._home.first_start, json.dumps(asdict(begun), ensure_ascii=False).encode())
        except OSError as error:
            told = known(error)
            raise told or InputError(
                "cli.unwritable", file=str(self._home.first_start), detail=reason_of(error)
            ) from error

    def read(self, text: str) -> Slip:
        """Read what was pasted, else the file: its text, or the QR code in it."""
        pasted = slip_in(text)
        if pasted.is_whole:
            return pasted
        from fieldkit.domain.typed import path_of
        from fieldkit.media.place import Place

        file = path_of(text)
        try:
            content = Place.of_file(file).read(_MOST_BYTES)
        except OSError as error:
            if error.errno == errno.E2BIG:
                raise InputError("awal.no_slip_there", file=file.name) from error
            raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error
        found = slip_in(content.decode("utf-8", "ignore"))
        if not found.is_whole:
            from fieldkit.formats.qr import read_qr

            found = slip_in(read_qr(content))
        if not found.is_whole:
            raise InputError("awal.no_slip_there", file=file.name)
        return found

    def scan(self, preview: PreviewSink, cancel: Cancel) -> Slip | None:
        """Look through the camera of this laptop."""
        from fieldkit.app.bootstrap.devices import addresses_of, connect_devices
        from fieldkit.domain.recording.positions import Position
        from fieldkit.ports.devices import BiometricCaptureDevice, DeviceKind

        devices = connect_devices(self._home.trust, self._home.clock(), addresses_of(self._home), is_watching=False)
        try:
            camera = devices.registry.device_for(DeviceKind.CAMERA)
            assert isinstance(camera, BiometricCaptureDevice)
            camera.open(cancel)
            seen = _Seen(preview, cancel)
            camera.stream((Position.PORTRAIT,), seen, seen)
            return seen.slip
        finally:
            devices.close()

    def find(self, slip: Slip) -> None:
        """Fetch the CA and compare its fingerprint; then speak to the gateway as every kit does."""
        from sync.kit.connection import Connection, pinned_context
        from sync.kit.enrol import fetch_ca
        from sync.protocol.messages import CaAnswer

        connection = Connection(slip.url, pinned_context(fetch_ca(slip.url, slip.ca_fingerprint)))
        try:
            connection.ask_message("GET", "/ca", CaAnswer, headers={})
        finally:
            connection.close()

    def strength(self, passphrase: str, names: tuple[str, ...]) -> Strength:
        """Judge it as the key slots do."""
        from fieldkit.vault.passphrases import check_passphrase, score_of

        try:
            check_passphrase(passphrase, names)
        except InputError as error:
            return Strength(score_of(passphrase, names), error.problem)
        return Strength(score_of(passphrase, names))

    def enrol(self, slip: Slip, admin: NewAdmin) -> None:
        """Enrol as the command does; then nothing of the first start is left."""
        from fieldkit.app.bootstrap.enrolment import NewUser, enrol_kit
        from fieldkit.domain.people.accounts import Role, User, checked_id, checked_name
        from fieldkit.vault.passphrases import measured

        user = User(checked_id(admin.user_id), checked_name(admin.name), Role.ADMIN_DINAS)
        enrol_kit(self._home, slip, NewUser(user, admin.passphrase, admin.pin), self._hardness or measured())
        if admin.wants_code:
            self._home.write_public(replace(self._home.read_public(), offers_code=user.user_id))
        self._home.forget_first_start()


class _Seen:
    """A preview that looks for the code in each frame and is its own cancel once it was found."""

    def __init__(self, inner: PreviewSink, cancel: Cancel) -> None:
        self._inner, self._cancel = inner, cancel
        self.slip: Slip | None = None

    def offer(self, jpeg: bytes) -> None:
        from fieldkit.formats.qr import read_qr

        self._inner.offer(jpeg)
        if self.slip is None and (found := slip_in(read_qr(jpeg))).is_whole:
            self.slip = found

    def is_cancelled(self) -> bool:
        return self.slip is not None or self._cancel.is_cancelled()
