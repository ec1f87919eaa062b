from __future__ import annotations

from datetime import timedelta

import pytest
from support.clock import NOW
from support.credentials import credential_of
from support.room import LEAD

from fieldkit.domain.errors import VaultError
from fieldkit.domain.recording.exceptions import AUTHORITY_TYP
from fieldkit.vault.certificates import create_ca, serial_number
from fieldkit.vault.cms import SealedAuthority

CA = create_ca("Dinas Uji", NOW - timedelta(days=1))
BAGUS = credential_of(CA, LEAD)
SAID = {"act": "failure_allowed", "at": NOW.isoformat()}


def test_what_a_credential_signed_is_proven_by_the_authority() -> None:
    signer, payload = SealedAuthority([CA.certificate_der]).verify(
        BAGUS.sign(SAID, AUTHORITY_TYP), BAGUS.certificate_der
    )
    assert (signer.signer_id, signer.title, payload) == (LEAD.user_id, LEAD.role.value, SAID)


@pytest.mark.parametrize(
    ("said", "typ", "authority", "code"),
    [
        (SAID, "fieldkit-receipt+jwt", SealedAuthority([CA.certificate_der]), "vault.jws_kind"),
        ({**SAID, "at": "once"}, AUTHORITY_TYP, SealedAuthority([CA.certificate_der]), "vault.jws_malformed"),
        (
            {**SAID, "at": NOW.replace(tzinfo=None).isoformat()},
            AUTHORITY_TYP,
            SealedAuthority([CA.certificate_der]),
            "vault.jws_malformed",
        ),
        (SAID, AUTHORITY_TYP, SealedAuthority([create_ca("Lain", NOW).certificate_der]), "vault.cms_certificate"),
        (
            {**SAID, "at": (NOW + timedelta(days=9999)).isoformat()},
            AUTHORITY_TYP,
            SealedAuthority([CA.certificate_der]),
            "vault.cms_certificate",
        ),
        (
            SAID,
            AUTHORITY_TYP,
            SealedAuthority([CA.certificate_der], {serial_number(BAGUS.certificate_der)}),
            "vault.cms_revoked",
        ),
    ],
)
def test_what_does_not_hold_is_named(said: dict[str, str], typ: str, authority: SealedAuthority, code: str) -> None:
    with pytest.raises(VaultError) as refused:
        authority.verify(BAGUS.sign(said, typ), BAGUS.certificate_der)
    assert refused.value.code == code


def test_the_signature_must_be_that_of_the_certificate() -> None:
    other = credential_of.__wrapped__(CA, LEAD)  # of another key
    with pytest.raises(VaultError) as refused:
        SealedAuthority([CA.certificate_der]).verify(BAGUS.sign(SAID, AUTHORITY_TYP), other.certificate_der)
    assert refused.value.code == "vault.jws_signature"


def test_a_wrong_clock_is_judged_by_when_the_record_was_seen() -> None:
    said = {**SAID, "at": (NOW - timedelta(days=9999)).isoformat()}
    jws = BAGUS.sign(said, AUTHORITY_TYP)
    SealedAuthority([CA.certificate_der], seen_at=NOW).verify(jws, BAGUS.certificate_der)
    with pytest.raises(VaultError):
        SealedAuthority([CA.certificate_der]).verify(jws, BAGUS.certificate_der)
