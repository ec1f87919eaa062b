from __future__ import annotations

import hashlib
from typing import Any

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.domain.people.accounts import Role
from fieldkit.vault import keys
from fieldkit.vault.certificates import certificate_key, make_csr, valid_until
from fieldkit.vault.jws import JwsSigner
from sync.gateway.admission import Admission
from sync.gateway.certificates import certify_user, kit_certificates
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.renewals import Renewals
from sync.gateway.tables import kits
from sync.protocol.messages import RENEWAL_TYP, RenewalRequest, UserRequest


@pytest.fixture
def renewals(gateway_context: GatewayContext) -> Renewals:
    return Renewals(gateway_context)


def refused(renewals: Renewals, request: RenewalRequest, kit: str = "kit-01") -> str:
    with pytest.raises(Refusal) as caught:
        renewals.renew(kit, request)
    return caught.value.code


def worded(by: Kit, csr: bytes, signer: JwsSigner | None = None, typ: str = RENEWAL_TYP, **wrong: Any) -> str:
    word = {
        "user_id": "admin",
        "kit": by.name,
        "csr_sha256": hashlib.sha256(csr).hexdigest(),
        "at": by.clock.now().isoformat(),
    }
    return (signer or by.admin_signer).sign({**word, **wrong}, typ)


def test_a_kit_gets_a_certificate_for_its_key_or_another(
    renewals: Renewals, gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    clock.advance(days=1000)
    same = renewals.renew("kit-01", RenewalRequest(csr=make_csr(kit.key))).certificate
    assert certificate_key(same) == certificate_key(kit.answer.kit_certificate)
    assert (valid_until(same) - clock.now()).days >= 1094
    clock.advance(seconds=1)
    new_key = keys.new_private_key()
    other = renewals.renew("kit-01", RenewalRequest(csr=make_csr(new_key))).certificate
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(kits.c.certificate)) == other
        given = [entry.certificate for entry in kit_certificates(connection, "kit-01")]
    assert given == [other, same, kit.answer.kit_certificate]


def test_who_lost_the_answer_gets_the_same_one(renewals: Renewals, kit: Kit, clock: HandClock) -> None:
    clock.advance(days=1000)
    first = renewals.renew("kit-01", RenewalRequest(csr=make_csr(kit.key)))
    clock.advance(seconds=3600)
    assert renewals.renew("kit-01", RenewalRequest(csr=make_csr(kit.key))) == first
    clock.advance(days=1)
    assert renewals.renew("kit-01", RenewalRequest(csr=make_csr(kit.key))) != first


def test_a_person_gets_one_on_the_word_of_the_key_that_ends(renewals: Renewals, kit: Kit, clock: HandClock) -> None:
    clock.advance(days=700)
    csr = make_csr(kit.admin_key)
    renewed = renewals.renew("kit-01", RenewalRequest(csr=csr, word=worded(kit, csr)))
    assert (valid_until(renewed.certificate) - clock.now()).days >= 729
    subject = keys.load_certificate(renewed.certificate).subject
    assert subject == keys.load_certificate(kit.answer.admin_certificate).subject
    again = make_csr(kit.admin_key)
    assert renewals.renew("kit-01", RenewalRequest(csr=again, word=worded(kit, again))) == renewed
    clock.advance(days=700)  # the first certificate has ended; the second of the same key counts
    csr = make_csr(keys.new_private_key())
    assert renewals.renew("kit-01", RenewalRequest(csr=csr, word=worded(kit, csr))) != renewed


def test_the_request_of_an_older_certificate_is_refused(renewals: Renewals, kit: Kit, clock: HandClock) -> None:
    csr = make_csr(kit.admin_key)
    clock.advance(days=300)
    renewals.renew("kit-01", RenewalRequest(csr=csr, word=worded(kit, csr)))
    clock.advance(days=300)
    assert refused(renewals, RenewalRequest(csr=csr, word=worded(kit, csr))) == "csr.used"


@pytest.mark.parametrize(
    "wrong",
    [
        {"user_id": "budi"},
        {"kit": "kit-02"},
        {"csr_sha256": "0" * 64},
        {"at": "today"},
        {"typ": "fieldkit-user+jwt"},
        {"signer": "forger"},
    ],
)
def test_another_word_renews_nothing(renewals: Renewals, kit: Kit, wrong: dict[str, Any]) -> None:
    if "signer" in wrong:
        wrong = {"signer": JwsSigner(keys.new_private_key(), "admin")}
    csr = make_csr(kit.admin_key)
    assert refused(renewals, RenewalRequest(csr=csr, word=worded(kit, csr, **wrong))) == "user.not_authorised"
    assert refused(renewals, RenewalRequest(csr=csr, word="nonsense")) == "user.not_authorised"


def test_a_key_that_ended_or_was_revoked_renews_nothing(
    renewals: Renewals, gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    csr = make_csr(kit.admin_key)
    clock.advance(days=731)
    assert refused(renewals, RenewalRequest(csr=csr, word=worded(kit, csr))) == "user.not_authorised"
    clock.advance(days=-700)
    Admission(gateway_context).revoke_kit("kit-01")
    assert refused(renewals, RenewalRequest(csr=csr, word=worded(kit, csr))) == "user.not_authorised"


def test_an_older_key_does_not_bring_back_an_older_role(
    renewals: Renewals, gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    clock.advance(days=2)
    lower = UserRequest(user_id="admin", name="Admin", role=Role.LOKET, csr=make_csr(keys.new_private_key()))
    with gateway_context.engine.begin() as connection:
        certify_user(gateway_context, connection, "kit-01", lower)
    csr = make_csr(keys.new_private_key())
    renewed = renewals.renew("kit-01", RenewalRequest(csr=csr, word=worded(kit, csr))).certificate
    assert Role.LOKET.value in keys.load_certificate(renewed).subject.rfc4514_string()


def test_what_is_no_request_is_refused(renewals: Renewals, kit: Kit) -> None:
    assert refused(renewals, RenewalRequest(csr=b"no csr")) == "csr.invalid"
