"""An AES key inside a PKCS#11 token, which closes small secrets and opens them again. It never leaves the token.

The key is AES, not RSA: what the token closes here opens records that must stay secret for a lifetime, and whoever
copies the closed file today must not open it with a quantum computer later.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from fieldkit.domain.errors import InputError, VaultError

if TYPE_CHECKING:
    import pkcs11

_NONCE_BYTES = 12
_BITS = 256
_URI = re.compile(r"pkcs11:([^?]*)(?:\?(.*))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Where a key is: the label of the token, the label of the key in it, and the library that speaks to the token."""

    token: str
    key: str
    module: str

    @classmethod
    def parse(cls, text: str) -> TokenKey:
        """Read `pkcs11:token=…;object=…?module-path=…` (RFC 7512). Raise `InputError` `vault.token_address`."""
        found = _URI.fullmatch(text.strip())
        path, query = (found[1], found[2] or "") if found else ("", "")
        named = dict(part.partition("=")[::2] for part in (*path.split(";"), *query.split("&")))
        token, key, module = (unquote(named.get(name, "")) for name in ("token", "object", "module-path"))
        if not (token and key and module):
            raise InputError("vault.token_address", address=text)
        return cls(token, key, module)

    def __str__(self) -> str:
        token, key, module = (quote(text, safe=" /._-") for text in (self.token, self.key, self.module))
        return f"pkcs11:token={token};object={key}?module-path={module}"

    def make(self, pin: str) -> None:
        """Make the key unless the token has it. Raise `VaultError` `vault.token_…`."""
        import pkcs11

        with self._session(pin, rw=True) as session:
            try:
                session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, label=self.key)
            except pkcs11.exceptions.NoSuchKey:
                stays = {pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True}
                session.generate_key(pkcs11.KeyType.AES, _BITS, label=self.key, store=True, template=stays)

    def close(self, content: bytes, pin: str) -> bytes:
        """Return what only this key opens. Raise `VaultError` `vault.token_…`."""
        nonce = os.urandom(_NONCE_BYTES)
        with self._session(pin) as session:
            return nonce + bytes(self._key(session).encrypt(content, **_gcm(nonce)))

    def open(self, closed: bytes, pin: str) -> bytes:
        """Return the content again.

        Raise `VaultError`: `vault.token_module`, `vault.token_absent`, `vault.token_pin`, `vault.token_locked`,
        `vault.token_key`, `vault.token_refuses` (another key closed it, it was changed, or the token fails).
        """
        with self._session(pin) as session:
            return bytes(self._key(session).decrypt(closed[_NONCE_BYTES:], **_gcm(closed[:_NONCE_BYTES])))

    def _key(self, session: pkcs11.Session) -> Any:
        import pkcs11

        return session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, label=self.key)

    @contextmanager
    def _session(self, pin: str, *, rw: bool = False) -> Iterator[pkcs11.Session]:
        import pkcs11
        from pkcs11 import exceptions as fault

        if not pin:  # without one the token would be opened for what is public in it
            raise VaultError("vault.token_pin", token=self.token)
        try:
            module = pkcs11.lib(self.module)
        except (fault.PKCS11Error, RuntimeError) as error:
            raise VaultError("vault.token_module", module=self.module) from error
        try:
            with module.get_token(token_label=self.token).open(rw=rw, user_pin=pin) as session:
                yield session
        except (fault.NoSuchToken, fault.TokenNotPresent, fault.TokenNotRecognised, fault.DeviceRemoved) as error:
            raise VaultError("vault.token_absent", token=self.token) from error
        except (fault.PinIncorrect, fault.PinInvalid, fault.PinLenRange) as error:
            raise VaultError("vault.token_pin", token=self.token) from error
        except (fault.PinLocked, fault.PinExpired, fault.UserPinNotInitialized) as error:
            raise VaultError("vault.token_locked", token=self.token) from error
        except fault.NoSuchKey as error:
            raise VaultError("vault.token_key", token=self.token, key=self.key) from error
        except fault.PKCS11Error as error:
            raise VaultError("vault.token_refuses", token=self.token, reason=type(error).__name__) from error


def _gcm(nonce: bytes) -> dict[str, Any]:
    import pkcs11

    return {"mechanism": pkcs11.Mechanism.AES_GCM, "mechanism_param": pkcs11.GCMParams(nonce)}
