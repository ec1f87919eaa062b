"""The seal of bundles between laptops: signed by kit and petugas, encrypted to the known kits or to a code.

Each kit has an age identity that follows from its signing key; its public half travels inside every bundle. So the
first bundle between two kits needs a code told by mouth, later ones open by themselves. No key ever lies on the stick.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.ports.exchange import OpenedBundle
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import age, age_code, cms

_INFO = b"fieldkit parcels between kits v1"
_SEED_BYTES = 32


class BundleSealer:
    """Implements `BundleSeal` for one session: the kit's key and the key of who is signed in."""

    def __init__(
        self,
        kit: SigningKey,
        petugas: SigningKey,
        ca_certificates: Sequence[bytes],
        revoked: Callable[[], Collection[int]] = frozenset,
    ) -> None:
        """Take the certificates of the authority as DER; `revoked` are serial numbers that count no longer."""
        self._signers = (kit, petugas)
        self._ca_certificates, self._revoked = tuple(ca_certificates), revoked
        self._identity = age.Identity(HKDF(hashes.SHA256(), _SEED_BYTES, None, _INFO).derive(kit.private_der))

    @property
    def recipient(self) -> str:
        """What other kits close bundles for this one to."""
        return str(self._identity.recipient)

    def new_code(self) -> str:
        """Return 80 random bits to be told by mouth."""
        return age_code.new_code()

    def wants_code(self, sealed: bytes) -> bool:
        """Return whether a file opens by a code. Raise `InputError("exchange.not_a_parcel")`."""
        try:
            return age_code.wants_code(sealed)
        except VaultError as error:
            raise InputError("exchange.not_a_parcel") from error

    def close(self, content: bytes, at: datetime, recipients: Sequence[str] = (), code: str = "") -> bytes:
        """Sign, and encrypt to the recipients or, when there is one, to the code."""
        signed = cms.sign(content, self._signers, at)
        if code:
            return age_code.encrypt(signed, age_code.spelled(code))
        return age.encrypt(signed, [age.Recipient.parse(text) for text in recipients])

    def unseal(self, sealed: bytes) -> bytes:
        """Return what the office closed for this kit. Raise `InputError`: `office.for_others`, `office.damaged`."""
        try:
            return age.decrypt(sealed, [self._identity])
        except VaultError as error:
            is_others = error.code == "vault.age_no_identity"
            raise InputError("office.for_others" if is_others else "office.damaged") from error

    def open(self, sealed: bytes, code: str = "") -> OpenedBundle:
        """Decrypt and verify. Raise `InputError` `exchange.…`."""
        by_code = self.wants_code(sealed)
        try:
            signed = (
                age_code.decrypt(sealed, age_code.spelled(code)) if by_code else age.decrypt(sealed, [self._identity])
            )
        except VaultError as error:
            closed = "exchange.wrong_code" if by_code else "exchange.for_others"
            raise InputError(closed if error.code == "vault.age_no_identity" else "exchange.damaged") from error
        try:
            # Whenever it says that it was signed: the clock of a stolen laptop is the thief's.
            opened = cms.verify(signed, self._ca_certificates, revoked=self._revoked())
        except VaultError as error:
            is_revoked = error.code == "vault.cms_revoked"
            raise InputError("exchange.revoked" if is_revoked else "exchange.untrusted") from error
        kit, petugas = opened.signers
        told = (petugas.signer_id, petugas.name, opened.sealed_at, opened.authority)
        return OpenedBundle(opened.content, kit.signer_id, *told)
