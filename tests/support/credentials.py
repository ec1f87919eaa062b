"""People with keys of their own, certified by an authority of the test."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from support.clock import NOW

from fieldkit.domain.people import User
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import certificates
from fieldkit.vault.certificates import issue_petugas, make_csr
from fieldkit.vault.credentials import KeyCredential


@cache
def credential_of(ca: SigningKey, user: User) -> KeyCredential:
    """Certify a key of a user, the same in a whole run: kits are made by thousands."""
    private = certificates.new_private_key()
    since = NOW - timedelta(hours=1)
    certificate = issue_petugas(ca, make_csr(private), user.user_id, user.name, user.role.value, since)
    return KeyCredential(user, SigningKey(certificate, private))
