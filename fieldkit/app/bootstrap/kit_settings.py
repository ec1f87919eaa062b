"""What enrolment left with the kit; kept as one value inside the encrypted store."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.ports.store import Store, Unit
from fieldkit.ports.vault import SigningKey

SETTING = "enrolment"


class KitSettings(BaseModel):
    """Keys are DER. `nik_key` recognises a NIK on this laptop; `profile` is the dinas profile of the gateway."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    kit_id: str
    gateway_url: str
    gateway_name: str
    kit_private: bytes
    kit_certificate: bytes
    ca_certificate: bytes
    receipt_public_key: bytes
    age_recipients: tuple[str, ...]
    nik_key: bytes
    profile: dict[str, Any]
    # The slip that let the kit in, so that asking again with it changes nothing; "" while a slip lets it in again.
    slip_sha256: str = ""

    @property
    def kit_key(self) -> SigningKey:
        """Return the kit's signing key."""
        return SigningKey(self.kit_certificate, self.kit_private)

    @property
    def dinas(self) -> str:
        """Return the name of the dinas."""
        return str(self.profile.get("dinas", ""))

    def save(self, store: Store) -> None:
        """Keep the settings."""
        with store.write() as unit:
            unit.settings.put(SETTING, self.model_dump_json())

    @classmethod
    def load(cls, store: Store) -> KitSettings:
        """Return the settings of an enrolled kit. Raise `StoreError("store.damaged")` when they are not there."""
        with store.read() as unit:
            stored = unit.settings.get(SETTING)
        return cls._read(stored)  # not inside: the store would take what is missing for a bad page

    @classmethod
    def of(cls, unit: Unit) -> KitSettings:
        """Return the settings within a transaction. Raise as `load`."""
        return cls._read(unit.settings.get(SETTING))

    @classmethod
    def _read(cls, stored: str | None) -> KitSettings:
        try:
            return cls.model_validate_json(stored or "")
        except ValidationError as error:
            raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE) from error


class HmacNikKey:
    """Implements `NikKey` with HMAC-SHA-256; without the key, which lies in the encrypted store, nothing is learned."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, nik: str) -> str:
        """Return the keyed hex digest of a NIK."""
        return hmac.new(self._key, nik.encode("ascii"), hashlib.sha256).hexdigest()
