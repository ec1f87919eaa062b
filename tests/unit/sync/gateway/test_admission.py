from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Role
from fieldkit.vault import keys
from fieldkit.vault.certificates import make_csr
from fieldkit.vault.jws import JwsSigner
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.house import House, Refusal
from sync.gateway.provision import EnrolCode
from sync.protocol.messages import ASSERTION_TYP, USER_REQUEST_TYP, Enrolment, UserEnrolment, UserRequest


@pytest.fixture
def admission(house: House) -> Admission:
    return Admission(house)


@pytest.fixture
def assertion(house: House, clock: HandClock) -> Callable[..., str]:
    def make(kit: Kit, typ: str = ASSERTION_TYP, **wrong: Any) -> str:
        claims = {"iss": kit.name, "sub": kit.name, "aud": house.name, "jti": uuid4().hex}
        expiry = int((clock.now() + timedelta(minutes=5)).timestamp())
        return kit.signer.sign({**claims, "exp": expiry, **wrong}, typ)

    return make


@pytest.fixture
def slip(folder: Path, clock: HandClock) -> EnrolCode:
    return provision.enrol_code(folder, "https://gateway", "kit-02", "admin", clock)


def request_of(user_id: str = "admin", role: Role = Role.ADMIN_DINAS) -> UserRequest:
    return UserRequest(user_id=user_id, name="Nama", role=role, csr=make_csr(keys.new_private_key()))


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        call()
    assert caught.value.status in (400, 401, 403, 409)
    return caught.value.code


def test_an_assertion_buys_a_token_until_it_runs_out(
    admission: Admission, kit: Kit, clock: HandClock, assertion: Callable[..., str]
) -> None:
    token = admission.issue_token(assertion(kit))
    assert token.token_type == "Bearer"
    assert admission.kit_of(f"Bearer {token.access_token}") == "kit-01"
    clock.advance(seconds=token.expires_in)
    assert refused(lambda: admission.kit_of(f"Bearer {token.access_token}")) == "auth.token_expired"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"iss": "kit-02"}, "auth.claims"),
        ({"sub": "kit-02"}, "auth.claims"),
        ({"aud": "another"}, "auth.claims"),
        ({"jti": "short"}, "auth.claims"),
        ({"exp": "soon"}, "auth.claims"),
        ({"exp": 1}, "auth.clock"),
        ({"exp": 99999999999}, "auth.clock"),
        ({"typ": "fieldkit-manifest+jwt"}, "auth.signature"),
    ],
)
def test_wrong_claims_buy_nothing(
    admission: Admission, kit: Kit, assertion: Callable[..., str], wrong: dict[str, Any], code: str
) -> None:
    assert refused(lambda: admission.issue_token(assertion(kit, **wrong))) == code


def test_an_assertion_counts_once(admission: Admission, kit: Kit, assertion: Callable[..., str]) -> None:
    once = assertion(kit)
    admission.issue_token(once)
    assert refused(lambda: admission.issue_token(once)) == "auth.replayed"


def test_strangers_and_forgers_stay_outside(
    admission: Admission, kit: Kit, house: House, assertion: Callable[..., str]
) -> None:
    stranger = Kit("kit-09", keys.new_private_key(), b"", kit.answer, kit.clock)
    forger = Kit("kit-01", keys.new_private_key(), b"", kit.answer, kit.clock)
    assert refused(lambda: admission.issue_token(assertion(stranger))) == "auth.kit_unknown"
    assert refused(lambda: admission.issue_token(assertion(forger))) == "auth.signature"
    assert refused(lambda: admission.issue_token("nonsense")) == "auth.form"
    for header in ("", "Bearer ", "Basic abc", "Bearer abc"):
        assert refused(lambda header=header: admission.kit_of(header)).startswith("auth.token")


def test_revocation_counts_at_once(admission: Admission, kit: Kit, assertion: Callable[..., str]) -> None:
    token = admission.issue_token(assertion(kit)).access_token
    assert admission.configuration().revoked_serials == ()
    admission.revoke_kit("kit-01")
    assert refused(lambda: admission.kit_of(f"Bearer {token}")) == "auth.kit_revoked"
    assert refused(lambda: admission.issue_token(assertion(kit))) == "auth.kit_revoked"
    serials = {
        format(keys.load_certificate(der).serial_number, "x")
        for der in (kit.answer.kit_certificate, kit.answer.admin_certificate)
    }
    assert set(admission.configuration().revoked_serials) == serials
    with pytest.raises(InputError):
        admission.revoke_kit("kit-01")


def test_a_code_lets_one_kit_in_and_a_lost_answer_may_be_asked_again(admission: Admission, slip: EnrolCode) -> None:
    enrolment = Enrolment(code=slip.code.lower(), kit_csr=make_csr(keys.new_private_key()), admin=request_of())
    first = admission.enrol(enrolment)
    assert admission.enrol(enrolment) == first
    thief = enrolment.model_copy(update={"kit_csr": make_csr(keys.new_private_key())})
    assert refused(lambda: admission.enrol(thief)) == "enrol.code"


def test_codes_must_be_right_fresh_and_for_this_admin(
    admission: Admission, slip: EnrolCode, clock: HandClock, kit: Kit
) -> None:
    def enrolment(code: str, admin: UserRequest, csr: bytes = b"") -> Enrolment:
        return Enrolment(code=code, kit_csr=csr or make_csr(keys.new_private_key()), admin=admin)

    assert refused(lambda: admission.enrol(enrolment("AAAA-BBBB", request_of()))) == "enrol.code"
    assert refused(lambda: admission.enrol(enrolment(slip.code, request_of("budi")))) == "enrol.admin"
    low = request_of("admin", Role.LOKET)
    assert refused(lambda: admission.enrol(enrolment(slip.code, low))) == "enrol.admin"
    assert refused(lambda: admission.enrol(enrolment(slip.code, request_of(), b"no csr"))) == "csr.invalid"
    clock.advance(days=8)
    assert refused(lambda: admission.enrol(enrolment(slip.code, request_of()))) == "enrol.code_expired"


def test_a_known_kit_gets_no_second_code(folder: Path, kit: Kit, clock: HandClock) -> None:
    with pytest.raises(InputError) as caught:
        provision.enrol_code(folder, "https://gateway", "kit-01", "admin", clock)
    assert caught.value.code == "gateway.kit_exists"


def authorisation(by: Kit, user: UserRequest, signer: JwsSigner | None = None, **wrong: Any) -> UserEnrolment:
    word = {
        "user_id": user.user_id,
        "role": user.role.value,
        "kit": by.name,
        "csr_sha256": hashlib.sha256(user.csr).hexdigest(),
        "at": by.clock.now().isoformat(),
    }
    return UserEnrolment(user=user, authorisation=(signer or by.admin_signer).sign({**word, **wrong}, USER_REQUEST_TYP))


def test_an_admin_lets_a_user_in(admission: Admission, kit: Kit) -> None:
    user = request_of("budi", Role.PETUGAS_PEREKAMAN)
    certificate = admission.add_user("kit-01", authorisation(kit, user)).certificate
    assert admission.add_user("kit-01", authorisation(kit, user)).certificate == certificate
    assert "budi" in keys.load_certificate(certificate).subject.rfc4514_string()


@pytest.mark.parametrize(
    "wrong", [{"user_id": "x"}, {"role": "kasi"}, {"kit": "kit-02"}, {"csr_sha256": "0" * 64}, {"at": "yesterday"}]
)
def test_a_word_for_something_else_lets_nobody_in(admission: Admission, kit: Kit, wrong: dict[str, Any]) -> None:
    request = authorisation(kit, request_of("budi", Role.PETUGAS_PEREKAMAN), **wrong)
    assert refused(lambda: admission.add_user("kit-01", request)) == "user.not_authorised"


def test_only_an_admin_of_this_kit_lets_users_in(admission: Admission, kit: Kit, slip: EnrolCode) -> None:
    user_key = keys.new_private_key()
    budi = UserRequest(user_id="budi", name="Budi", role=Role.PETUGAS_PEREKAMAN, csr=make_csr(user_key))
    admission.add_user("kit-01", authorisation(kit, budi))
    other = request_of("siti", Role.PETUGAS_PEREKAMAN)
    by_budi = authorisation(kit, other, JwsSigner(user_key, "budi"))
    by_forger = authorisation(kit, other, JwsSigner(keys.new_private_key(), "admin"))
    by_nobody = authorisation(kit, other, JwsSigner(user_key, "nobody"))
    for request in (by_budi, by_forger, by_nobody):
        assert refused(lambda request=request: admission.add_user("kit-01", request)) == "user.not_authorised"
    enrolment = Enrolment(code=slip.code, kit_csr=make_csr(keys.new_private_key()), admin=request_of())
    admission.enrol(enrolment)
    assert refused(lambda: admission.add_user("kit-02", authorisation(kit, other))) == "user.not_authorised"
