"""One slip, asked again and again: what the same request gets, and what another request ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit
from support.races import meanwhile

from fieldkit.domain.people import Role
from fieldkit.vault import certificates
from fieldkit.vault.certificates import make_csr
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.certificates import Renewals, certify_user, people_of, revoke_person, sha256_of
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.provision import EnrolCode
from sync.gateway.tables import enrol_codes, kits, users
from sync.protocol.messages import Enrolment, EnrolmentAnswer, RenewalRequest, UserRequest


@pytest.fixture
def admission(gateway_context: GatewayContext) -> Admission:
    return Admission(gateway_context)


@pytest.fixture
def slip(folder: Path, clock: HandClock) -> EnrolCode:
    return provision.enrol_code(folder, "https://gateway", "kit-02", "admin", clock)


def admin() -> UserRequest:
    return UserRequest(
        user_id="admin", name="Nama", role=Role.ADMIN_DINAS, csr=make_csr(certificates.new_private_key())
    )


def asked(slip: EnrolCode) -> Enrolment:
    return Enrolment(code=slip.code, kit_csr=make_csr(certificates.new_private_key()), admin=admin())


def certified(gateway_context: GatewayContext, kit: str) -> bytes:
    csr = make_csr(certificates.new_private_key())
    budi = UserRequest(user_id="budi", name="Budi", role=Role.PETUGAS_PEREKAMAN, csr=csr)
    with gateway_context.engine.begin() as connection:
        return certify_user(gateway_context, connection, kit, budi)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code


def test_a_lost_answer_may_be_asked_again(
    admission: Admission, kit: Kit, slip: EnrolCode, gateway_context: GatewayContext
) -> None:
    enrolment = asked(slip)
    first = admission.enrol(enrolment)
    certified(gateway_context, "kit-02")
    assert admission.enrol(enrolment.model_copy(update={"code": slip.code.lower()})) == first


def test_the_same_request_by_another_slip_gets_what_that_slip_brings(
    admission: Admission, slip: EnrolCode, folder: Path, clock: HandClock
) -> None:
    other = provision.enrol_code(folder, "https://gateway", "kit-02", "admin", clock)
    enrolment = asked(slip)
    answers = [
        admission.enrol(enrolment.model_copy(update={"code": code})) for code in (slip.code, other.code, slip.code)
    ]
    assert len({answer.kit_certificate for answer in answers}) == 3
    assert len({answer.admin_certificate for answer in answers}) == 1


def test_another_admin_of_the_same_kit_key_replaces_the_first(admission: Admission, slip: EnrolCode) -> None:
    first = asked(slip)
    second = first.model_copy(update={"admin": admin()})
    before, after = admission.enrol(first), admission.enrol(second)
    assert after.kit_certificate != before.kit_certificate
    assert after.admin_certificate != before.admin_certificate


def test_an_admin_who_was_revoked_since_gets_no_answer_again(
    admission: Admission, slip: EnrolCode, gateway_context: GatewayContext, clock: HandClock
) -> None:
    enrolment = asked(slip)
    admission.enrol(enrolment)
    with gateway_context.engine.begin() as connection:
        revoke_person(connection, "admin", ["kit-02"], clock.now())
    assert refused(lambda: admission.enrol(enrolment)) == "csr.used"


def test_a_slip_ends_only_what_slips_of_its_kit_brought_and_nobody_used(
    admission: Admission, kit: Kit, slip: EnrolCode, folder: Path, clock: HandClock, gateway_context: GatewayContext
) -> None:
    """Neither another kit that has not signed in yet, nor a renewed certificate, nor who was revoked before."""
    clock.advance(days=2)
    renewed = Renewals(gateway_context).renew("kit-01", RenewalRequest(csr=make_csr(kit.key))).certificate
    admission.enrol(asked(slip))
    again = provision.readmission_code(folder, "https://gateway", "kit-01", "admin", clock)
    first: EnrolmentAnswer = admission.enrol(asked(again))
    assert admission.configuration().revoked_serials == tuple(
        sorted(serial(each) for each in (kit.answer.kit_certificate, kit.answer.admin_certificate))
    )
    assert serial(renewed) not in admission.configuration().revoked_serials
    admission.enrol(asked(again))
    assert serial(first.kit_certificate) in admission.configuration().revoked_serials


def serial(certificate: bytes) -> str:
    return format(certificates.load_certificate(certificate).serial_number, "x")


def test_who_is_let_in_again_unrevoked_keeps_the_certificates_of_the_others(
    admission: Admission, kit: Kit, folder: Path, clock: HandClock, gateway_context: GatewayContext
) -> None:
    certificate = certified(gateway_context, "kit-01")
    again = provision.readmission_code(folder, "https://gateway", "kit-01", "admin", clock)
    answer = admission.enrol(asked(again))
    assert [(other.user_id, other.certificate) for other in answer.others] == [("budi", certificate)]
    with gateway_context.reading() as connection:
        assert people_of(connection, "kit-01")["budi"] == certificate


def test_a_slip_is_good_until_its_last_moment(admission: Admission, slip: EnrolCode, clock: HandClock) -> None:
    clock.advance(seconds=provision.CODE_LIFE.total_seconds())
    assert refused(lambda: admission.enrol(asked(slip))) == "enrol.code_expired"
    clock.advance(seconds=-1)
    assert admission.enrol(asked(slip)).kit == "kit-02"


def test_a_slip_ends_the_tokens_of_its_own_kit_alone(
    admission: Admission, kit: Kit, slip: EnrolCode, gateway_context: GatewayContext
) -> None:
    token = kit.token(gateway_context)
    admission.enrol(asked(slip))
    assert admission.kit_of(f"Bearer {token}") == "kit-01"


def test_a_revocation_ends_nothing_of_another_kit(
    admission: Admission, kit: Kit, slip: EnrolCode, folder: Path, gateway_context: GatewayContext, clock: HandClock
) -> None:
    enrolled_kit(folder, gateway_context, clock, "kit-03")
    admission.revoke_kit("kit-03")
    assert kit.token(gateway_context)
    assert admission.enrol(asked(slip)).kit == "kit-02"


def test_two_slips_of_one_kit_at_the_same_moment_let_one_in(
    admission: Admission, slip: EnrolCode, gateway_context: GatewayContext, clock: HandClock
) -> None:
    other = sa.insert(kits).values(kit="kit-02", certificate=b"", enrolled_at=clock.now())
    with meanwhile(gateway_context.engine, "INSERT INTO kits", other):
        assert refused(lambda: admission.enrol(asked(slip))) == "server.busy"


def test_the_same_kit_key_with_the_admins_old_key_ends_what_his_new_one_got(
    admission: Admission, slip: EnrolCode, folder: Path, clock: HandClock, gateway_context: GatewayContext
) -> None:
    key, old = certificates.new_private_key(), admin()
    answer = admission.enrol(Enrolment(code=slip.code, kit_csr=make_csr(key), admin=old))
    Kit("kit-02", key, b"", answer, clock).token(gateway_context)
    first = asked(provision.readmission_code(folder, "https://gateway", "kit-02", "admin", clock))
    ended = admission.enrol(first)
    admission.enrol(first.model_copy(update={"admin": old}))
    gone = {serial(ended.kit_certificate), serial(ended.admin_certificate)}
    assert set(admission.configuration().revoked_serials) == gone


def test_an_admin_who_was_revoked_before_keeps_the_time_of_it(
    admission: Admission, slip: EnrolCode, clock: HandClock, gateway_context: GatewayContext
) -> None:
    admission.enrol(asked(slip))
    with gateway_context.engine.begin() as connection:
        revoke_person(connection, "admin", ["kit-02"], first := clock.now())
    clock.advance(hours=1)
    admission.enrol(asked(slip))
    with gateway_context.reading() as connection:
        assert connection.scalars(sa.select(users.c.revoked_at).order_by(users.c.issued_at)).all() == [first, None]


def test_each_kit_has_its_own_standing(
    admission: Admission, kit: Kit, folder: Path, clock: HandClock, gateway_context: GatewayContext
) -> None:
    """One that is let in again leaves the others as they are, whether these are revoked or not."""
    shut = enrolled_kit(folder, gateway_context, clock, "kit-03")
    lost = enrolled_kit(folder, gateway_context, clock, "kit-04")
    certified(gateway_context, "kit-04")
    for gone in (shut, lost):
        admission.revoke_kit(gone.name)
    again = asked(provision.readmission_code(folder, "https://gateway", "kit-04", "admin", clock))
    assert [other.user_id for other in admission.enrol(again).others] == ["budi"]
    assert kit.token(gateway_context)
    with gateway_context.reading() as connection:
        rows = connection.execute(sa.select(kits.c.kit, kits.c.certificate, kits.c.revoked_at)).all()
    standing = {row.kit: (row.certificate == shut.answer.kit_certificate, row.revoked_at is not None) for row in rows}
    assert standing == {"kit-01": (False, False), "kit-03": (True, True), "kit-04": (False, False)}


def test_another_slip_of_the_kit_is_not_used_by_this_one(
    admission: Admission, slip: EnrolCode, folder: Path, clock: HandClock, gateway_context: GatewayContext
) -> None:
    other = provision.enrol_code(folder, "https://gateway", "kit-03", "admin", clock)
    first, second = asked(slip), asked(other)
    admission.enrol(first)
    admission.enrol(second)
    with gateway_context.reading() as connection:
        used = connection.execute(sa.select(enrol_codes.c.kit, enrol_codes.c.used_by_csr)).all()
    assert dict(map(tuple, used)) == {"kit-02": sha256_of(first.kit_csr), "kit-03": sha256_of(second.kit_csr)}
