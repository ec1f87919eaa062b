from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.domain.people import Role
from fieldkit.vault.certificates import certificate_key, load_certificate, make_csr, new_private_key, valid_until
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway.admission import Admission
from sync.gateway.certificates import Renewals, certify_user, kit_certificates
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.tables import kit_certificates as certificates
from sync.gateway.tables import kits, users
from sync.protocol.messages import RENEWAL_TYP, RenewalRequest, UserRequest
from tests.unit.sync.gateway.conftest import enrolled


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
    new_key = new_private_key()
    other = renewals.renew("kit-01", RenewalRequest(csr=make_csr(new_key))).certificate
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(kits.c.certificate)) == other
        given = [entry.certificate for entry in kit_certificates(connection, "kit-01")]
    assert given == [other, same, kit.answer.kit_certificate]


@pytest.mark.parametrize(("later", "is_same"), [(timedelta(days=1, seconds=-1), True), (timedelta(days=1), False)])
@pytest.mark.parametrize("is_person", [False, True])
def test_who_lost_the_answer_gets_the_same_one_within_a_day(
    renewals: Renewals, kit: Kit, clock: HandClock, later: timedelta, is_same: bool, is_person: bool
) -> None:
    def renewed() -> bytes:
        csr = make_csr(kit.admin_key if is_person else kit.key)
        word = worded(kit, csr) if is_person else ""
        return renewals.renew("kit-01", RenewalRequest(csr=csr, word=word)).certificate

    clock.advance(days=700)
    first = renewed()
    clock.advance(seconds=later.total_seconds())
    assert (renewed() == first) is is_same


def test_what_was_revoked_since_is_not_given_again(
    renewals: Renewals, gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    clock.advance(days=2)
    csr = make_csr(kit.admin_key)
    person = RenewalRequest(csr=csr, word=worded(kit, csr))
    first = [renewals.renew("kit-01", each) for each in (RenewalRequest(csr=make_csr(kit.key)), person)]
    with gateway_context.engine.begin() as connection:
        for table in (certificates, users):
            connection.execute(sa.update(table).where(table.c.issued_at == clock.now()).values(revoked_at=clock.now()))
    clock.advance(seconds=1)
    csr = make_csr(kit.admin_key)
    person = RenewalRequest(csr=csr, word=worded(kit, csr))
    again = [renewals.renew("kit-01", each) for each in (RenewalRequest(csr=make_csr(kit.key)), person)]
    assert [new == old for new, old in zip(again, first, strict=True)] == [False, False]


def test_a_renewed_kit_changes_no_other(
    renewals: Renewals, gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other = enrolled(folder, gateway_context, clock, "kit-02")
    renewals.renew("kit-01", RenewalRequest(csr=make_csr(new_private_key())))
    with gateway_context.engine.begin() as connection:
        kept = connection.scalar(sa.select(kits.c.certificate).where(kits.c.kit == "kit-02"))
    assert kept == other.answer.kit_certificate


@pytest.mark.parametrize(
    ("kit_name", "other"),
    [
        ("kit-02", {}),
        ("kit-01", {"user_id": "budi"}),
        ("kit-01", {"role": Role.LOKET}),
        ("kit-01", {"csr": make_csr(new_private_key())}),
    ],
)
def test_a_young_certificate_of_another_is_nobodys_lost_answer(
    renewals: Renewals,
    gateway_context: GatewayContext,
    kit: Kit,
    folder: Path,
    clock: HandClock,
    kit_name: str,
    other: Any,
) -> None:
    """Of another kit, person, role or key; the role that a person has now is that of the newest certificate."""
    enrolled(folder, gateway_context, clock, "kit-02")
    clock.advance(days=2)
    given = {"user_id": "admin", "name": "Admin", "role": Role.ADMIN_DINAS, "csr": make_csr(kit.admin_key), **other}
    newest = {**given, "user_id": "admin", "role": Role.ADMIN_DINAS, "csr": make_csr(new_private_key())}
    with gateway_context.engine.begin() as connection:
        young = certify_user(gateway_context, connection, kit_name, UserRequest(**given))
        clock.advance(seconds=1)
        certify_user(gateway_context, connection, "kit-01", UserRequest(**newest))
    csr = make_csr(kit.admin_key)
    renewed = renewals.renew("kit-01", RenewalRequest(csr=csr, word=worded(kit, csr))).certificate
    assert renewed != young
    assert certificate_key(renewed) == certificate_key(kit.answer.admin_certificate)


def test_a_word_counts_on_the_kit_and_for_the_person_of_its_key(
    renewals: Renewals, gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other = enrolled(folder, gateway_context, clock, "kit-02")
    csr = make_csr(new_private_key())
    afar = worded(other, csr, kit="kit-01")
    another = worded(kit, csr, JwsSigner(kit.admin_key, "budi"), user_id="budi")
    for word in (afar, another):
        assert refused(renewals, RenewalRequest(csr=csr, word=word)) == "user.not_authorised"


def test_a_certificate_signs_for_no_other_once_it_has_ended(renewals: Renewals, kit: Kit, clock: HandClock) -> None:
    clock.at = valid_until(kit.answer.admin_certificate)
    csr = make_csr(kit.admin_key)
    assert refused(renewals, RenewalRequest(csr=csr, word=worded(kit, csr))) == "user.not_authorised"
    clock.advance(seconds=-1)
    assert renewals.renew("kit-01", RenewalRequest(csr=csr, word=worded(kit, csr))).certificate


def test_a_person_gets_one_on_the_word_of_the_key_that_ends(renewals: Renewals, kit: Kit, clock: HandClock) -> None:
    clock.advance(days=700)
    csr = make_csr(kit.admin_key)
    renewed = renewals.renew("kit-01", RenewalRequest(csr=csr, word=worded(kit, csr)))
    assert (valid_until(renewed.certificate) - clock.now()).days >= 729
    subject = load_certificate(renewed.certificate).subject
    assert subject == load_certificate(kit.answer.admin_certificate).subject
    again = make_csr(kit.admin_key)
    assert renewals.renew("kit-01", RenewalRequest(csr=again, word=worded(kit, again))) == renewed
    clock.advance(days=700)  # the first certificate has ended; the second of the same key counts
    csr = make_csr(new_private_key())
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
        wrong = {"signer": JwsSigner(new_private_key(), "admin")}
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
    lower = UserRequest(user_id="admin", name="Admin", role=Role.LOKET, csr=make_csr(new_private_key()))
    with gateway_context.engine.begin() as connection:
        certify_user(gateway_context, connection, "kit-01", lower)
    csr = make_csr(new_private_key())
    renewed = renewals.renew("kit-01", RenewalRequest(csr=csr, word=worded(kit, csr))).certificate
    assert Role.LOKET.value in load_certificate(renewed).subject.rfc4514_string()


def test_what_is_no_request_is_refused(renewals: Renewals, kit: Kit) -> None:
    assert refused(renewals, RenewalRequest(csr=b"no csr")) == "csr.invalid"
