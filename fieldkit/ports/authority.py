"""Who proved with a passphrase who he is, and signs what he answers for."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Protocol

from fieldkit.domain.people.accounts import User
from fieldkit.domain.recording.authority import AUTHORITY_TYP, Act, SignedAct, Statement
from fieldkit.ports.vault import Signer


class Credential(Signer, Protocol):
    """A person whose passphrase opened the own key slot, which says what the certificate of the dinas CA says."""

    @property
    def user(self) -> User:
        """Who it is; the role is that of the certificate."""
        ...

    @property
    def certificate_der(self) -> bytes:
        """The certificate (DER) of the key that signs."""
        ...


def signed(credential: Credential, statement: Statement) -> SignedAct:
    """Let somebody sign what he answers for."""
    jws = credential.sign(statement.payload, AUTHORITY_TYP)
    return SignedAct(credential.user.user_id, jws, b64encode(credential.certificate_der).decode("ascii"))


def answered(
    who: Credential, act: Act, session_id: str, step: str, reason: str, at: datetime, about: tuple[str, ...] = ()
) -> SignedAct:
    """Let somebody answer for an act in a recording."""
    return signed(who, Statement(act, who.user.user_id, session_id, step, reason, at, about))
