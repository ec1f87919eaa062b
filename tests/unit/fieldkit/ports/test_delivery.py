from __future__ import annotations

from base64 import b64decode

from support.clock import NOW
from support.credentials import credential_of
from support.room import LEAD

from fieldkit.domain.recording.exceptions import AUTHORITY_TYP, Act, Statement
from fieldkit.ports.delivery import signed
from fieldkit.vault.certificates import create_ca
from fieldkit.vault.device_trust import JwsVerifier


def test_a_signed_act_carries_what_proves_it() -> None:
    lead = credential_of(create_ca("Dinas Uji", NOW), LEAD)
    statement = Statement(Act.FAILURE, LEAD.user_id, "s1", "thumbs", "attempts_spent", NOW)
    act = signed(lead, statement)
    assert act.by == LEAD.user_id
    certificate = b64decode(act.certificate)
    assert JwsVerifier.of_certificate(certificate).verify(act.jws, AUTHORITY_TYP) == statement.payload
