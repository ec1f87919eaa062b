"""What enrolment left, a second time beside the store: a fresh store can be made from it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.storage.folders import sync_folder
from fieldkit.storage.reserve import with_room
from fieldkit.vault.derived import DerivedCipher

_PURPOSE, _ABOUT = "fieldkit enrolment", b"enrolment.sealed"


class SettingsCopy:
    """`enrolment.sealed`: the settings under a key that follows from the key of the store."""

    def __init__(self, path: Path, db_key: bytes) -> None:
        self._path, self._cipher = path, DerivedCipher(db_key, _PURPOSE)

    def read(self) -> KitSettings | None:
        """Return the settings, None where none are that this key opens."""
        try:
            return KitSettings.model_validate_json(self._cipher.open(self._path.read_bytes(), _ABOUT) or b"")
        except (OSError, ValidationError):
            return None

    def keep(self, settings: KitSettings) -> None:
        """Write the settings when they are not there as they are; a full disk keeps nobody out."""
        if self.read() == settings:
            return
        unfinished = self._path.with_name(f"{self._path.name}.part")

        def write() -> None:
            try:
                with unfinished.open("wb") as file:
                    file.write(self._cipher.close(settings.model_dump_json().encode(), _ABOUT))
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(self._path)
                sync_folder(self._path.parent)
            finally:
                unfinished.unlink(missing_ok=True)

        with suppress(OSError):
            with_room(self._path, write)
