from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit
from support.virtual_time import run

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Role
from fieldkit.vault import certificates
from fieldkit.vault.certificates import certificate_key, make_csr
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway import provision
from sync.gateway.admission import Admission, ClientLimits
from sync.gateway.certificates import kit_certificates, revoke_person
from sync.gateway.database import GatewayContext, Limits, Refusal
from sync.gateway.provision import EnrolCode
from sync.protocol.messages import USER_REQUEST_TYP, Enrolment, UserEnrolment, UserRequest


@pytest.fixture
def admission(gateway_context: GatewayContext) -> Admission:
    return Admission(gateway_context)


@pytest.fixture
def assertion(gateway_context: GatewayContext) -> Callable[..., str]:
    def make(kit: Kit, **wrong: Any) -> str:
        return kit.assertion(gateway_context.name, **wrong)

    return make


@pytest.fixture
def slip(folder: Path, clock: HandClock) -> EnrolCode:
    return provision.enrol_code(folder, "https://gateway", "kit-02", "admin", clock)


def request_of(user_id: str = "admin", role: Role = Role.ADMIN_DINAS) -> UserRequest:
    return UserRequest(user_id=user_id, name="Nama", role=role, csr=make_csr(certificates.new_private_key()))


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
        ({"jti": 1234567890123456}, "auth.claims"),
        ({"jti": "0123456789abcdef\0"}, "auth.claims"),
        ({"jti": "x" * 129}, "auth.claims"),
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
    admission: Admission, kit: Kit, gateway_context: GatewayContext, assertion: Callable[..., str]
) -> None:
    stranger = Kit("kit-09", certificates.new_private_key(), b"", kit.answer, kit.clock)
    forger = Kit("kit-01", certificates.new_private_key(), b"", kit.answer, kit.clock)
    assert refused(lambda: admission.issue_token(assertion(stranger))) == "auth.kit_unknown"
    assert refused(lambda: admission.issue_token(assertion(forger))) == "auth.signature"
    assert refused(lambda: admission.issue_token("nonsense")) == "auth.form"


def test_revocation_counts_at_once(admission: Admission, kit: Kit, assertion: Callable[..., str]) -> None:
    token = admission.issue_token(assertion(kit)).access_token
    assert admission.configuration().revoked_serials == ()
    admission.revoke_kit("kit-01")
    assert refused(lambda: admission.kit_of(f"Bearer {token}")) == "auth.kit_revoked"
    assert refused(lambda: admission.issue_token(assertion(kit))) == "auth.kit_revoked"
    serials = {serial(kit.answer.kit_certificate), serial(kit.answer.admin_certificate)}
    assert set(admission.configuration().revoked_serials) == serials
    with pytest.raises(InputError):
        admission.revoke_kit("kit-01")


def new_kit(admission: Admission, slip: EnrolCode, clock: HandClock, name: str = "kit-02") -> Kit:
    kit_key, admin_key = certificates.new_private_key(), certificates.new_private_key()
    admin = UserRequest(user_id="admin", name="Admin", role=Role.ADMIN_DINAS, csr=make_csr(admin_key))
    answer = admission.enrol(Enrolment(code=slip.code, kit_csr=make_csr(kit_key), admin=admin))
    return Kit(name, kit_key, admin_key, answer, clock)


def test_a_code_is_good_again_until_the_kit_signed_in(
    admission: Admission, slip: EnrolCode, clock: HandClock, assertion: Callable[..., str]
) -> None:
    died = new_kit(admission, slip, clock)
    clock.advance(seconds=1)
    alive = new_kit(admission, slip, clock)
    gone = {serial(died.answer.kit_certificate), serial(died.answer.admin_certificate)}
    assert set(admission.configuration().revoked_serials) == gone
    assert refused(lambda: admission.issue_token(assertion(died))) == "auth.kit_revoked"
    by_died = authorisation(died, request_of("budi", Role.PETUGAS_PEREKAMAN))
    assert refused(lambda: admission.add_user("kit-02", by_died)) == "user.not_authorised"
    admission.issue_token(assertion(alive))
    assert refused(lambda: new_kit(admission, slip, clock)) == "enrol.code"
    admission.issue_token(assertion(alive))


def test_the_admin_who_asks_again_with_another_kit_key_keeps_his_certificate(
    admission: Admission, slip: EnrolCode
) -> None:
    first = Enrolment(code=slip.code, kit_csr=make_csr(certificates.new_private_key()), admin=request_of())
    again = first.model_copy(update={"kit_csr": make_csr(certificates.new_private_key())})
    before, after = admission.enrol(first), admission.enrol(again)
    assert before.admin_certificate == after.admin_certificate
    assert before.kit_certificate != after.kit_certificate
    assert admission.configuration().revoked_serials == (serial(before.kit_certificate),)


def test_two_slips_for_one_new_kit_let_one_kit_in(
    admission: Admission, folder: Path, slip: EnrolCode, clock: HandClock, assertion: Callable[..., str]
) -> None:
    other = provision.enrol_code(folder, "https://gateway", "kit-02", "admin", clock)
    new_kit(admission, slip, clock)
    second = new_kit(admission, other, clock)
    admission.issue_token(assertion(second))
    assert refused(lambda: new_kit(admission, slip, clock)) == "enrol.code"


def test_of_requests_at_the_same_moment_one_is_left_admitted(
    admission: Admission, slip: EnrolCode, clock: HandClock, assertion: Callable[..., str]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        racers = list(pool.map(lambda _: new_kit(admission, slip, clock), range(8)))
        outcomes = list(pool.map(lambda kit: token_or_code(admission, assertion(kit)), racers))
    assert sorted(outcomes) == ["auth.kit_revoked"] * 7 + ["token"]


def token_or_code(admission: Admission, assertion: str) -> str:
    try:
        admission.issue_token(assertion)
    except Refusal as refusal:
        return refusal.code
    return "token"


def serial(certificate: bytes) -> str:
    return format(certificates.load_certificate(certificate).serial_number, "x")


def again(folder: Path, clock: HandClock) -> EnrolCode:
    return provision.readmission_code(folder, "https://gateway", "kit-01", "admin", clock)


def test_a_found_laptop_is_let_in_again(
    admission: Admission,
    folder: Path,
    kit: Kit,
    clock: HandClock,
    assertion: Callable[..., str],
    gateway_context: GatewayContext,
) -> None:
    stolen = admission.issue_token(assertion(kit)).access_token
    admission.revoke_kit("kit-01")
    revoked_at = clock.now()
    clock.advance(seconds=60)
    found = new_kit(admission, again(folder, clock), clock, "kit-01")
    token = admission.issue_token(assertion(found)).access_token
    assert admission.kit_of(f"Bearer {token}") == "kit-01"
    # Neither the old key nor a token that it bought comes back to life.
    assert refused(lambda: admission.issue_token(assertion(kit))) == "auth.kit_revoked"
    assert refused(lambda: admission.kit_of(f"Bearer {stolen}")) == "auth.token_expired"
    old = {serial(kit.answer.kit_certificate), serial(kit.answer.admin_certificate)}
    assert set(admission.configuration().revoked_serials) == old
    with gateway_context.engine.begin() as connection:
        history = kit_certificates(connection, "kit-01")
    assert [(entry.certificate, entry.revoked_at) for entry in history] == [
        (found.answer.kit_certificate, None),
        (kit.answer.kit_certificate, revoked_at),
    ]


def test_the_people_of_a_found_laptop_may_sign_again(
    admission: Admission, folder: Path, kit: Kit, clock: HandClock
) -> None:
    budi = request_of("budi", Role.PETUGAS_PEREKAMAN)
    before = admission.add_user("kit-01", authorisation(kit, budi)).certificate
    admission.revoke_kit("kit-01")
    clock.advance(seconds=60)
    found = new_kit(admission, again(folder, clock), clock, "kit-01")
    (other,) = found.answer.others  # not the admin, who came with a new key
    assert other.user_id == "budi"
    assert certificate_key(other.certificate) == certificate_key(before)
    gone = set(admission.configuration().revoked_serials)
    assert serial(before) in gone
    assert serial(other.certificate) not in gone


def test_a_second_revocation_leaves_the_time_of_the_first(
    admission: Admission, folder: Path, kit: Kit, clock: HandClock, gateway_context: GatewayContext
) -> None:
    admission.revoke_kit("kit-01")
    first = clock.now()
    clock.advance(seconds=60)
    new_kit(admission, again(folder, clock), clock, "kit-01")
    clock.advance(seconds=60)
    admission.revoke_kit("kit-01")
    with gateway_context.engine.begin() as connection:
        assert [entry.revoked_at for entry in kit_certificates(connection, "kit-01")] == [clock.now(), first]
    assert len(admission.configuration().revoked_serials) == 4


def test_a_kit_that_lost_its_passphrase_gets_new_certificates_beside_the_old(
    admission: Admission, folder: Path, kit: Kit, clock: HandClock, assertion: Callable[..., str]
) -> None:
    admission.issue_token(assertion(kit))
    slip = again(folder, clock)
    first = new_kit(admission, slip, clock, "kit-01")
    second = new_kit(admission, slip, clock, "kit-01")  # the first died before it signed in
    admission.issue_token(assertion(second))
    assert refused(lambda: new_kit(admission, slip, clock, "kit-01")) == "enrol.code"
    # What was sealed before stays good: nobody said that the old keys are in wrong hands.
    gone = {serial(first.answer.kit_certificate), serial(first.answer.admin_certificate)}
    assert set(admission.configuration().revoked_serials) == gone


def test_a_revocation_ends_slips_that_lie_about(admission: Admission, folder: Path, kit: Kit, clock: HandClock) -> None:
    slip = again(folder, clock)
    admission.revoke_kit("kit-01")
    assert refused(lambda: new_kit(admission, slip, clock, "kit-01")) == "enrol.code"


def test_a_revoked_key_of_a_person_is_not_certified_again(
    admission: Admission, folder: Path, kit: Kit, clock: HandClock
) -> None:
    old = UserRequest(user_id="admin", name="Admin", role=Role.ADMIN_DINAS, csr=make_csr(kit.admin_key))
    slip = again(folder, clock)
    admission.enrol(Enrolment(code=slip.code, kit_csr=make_csr(kit.key), admin=old))
    admission.revoke_kit("kit-01")
    enrolment = Enrolment(code=again(folder, clock).code, kit_csr=make_csr(kit.key), admin=old)
    assert refused(lambda: admission.enrol(enrolment)) == "csr.used"


def test_a_kit_that_nobody_knows_is_not_let_in_again(folder: Path, clock: HandClock) -> None:
    with pytest.raises(InputError) as caught:
        again(folder, clock)
    assert caught.value.code == "gateway.kit_not_enrolled"


def test_codes_must_be_right_fresh_and_for_this_admin(
    admission: Admission, slip: EnrolCode, clock: HandClock, kit: Kit
) -> None:
    def enrolment(code: str, admin: UserRequest, csr: bytes = b"") -> Enrolment:
        return Enrolment(code=code, kit_csr=csr or make_csr(certificates.new_private_key()), admin=admin)

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
    assert "budi" in certificates.load_certificate(certificate).subject.rfc4514_string()


@pytest.mark.parametrize(
    "wrong", [{"user_id": "x"}, {"role": "kasi"}, {"kit": "kit-02"}, {"csr_sha256": "0" * 64}, {"at": "yesterday"}]
)
def test_a_word_for_something_else_lets_nobody_in(admission: Admission, kit: Kit, wrong: dict[str, Any]) -> None:
    request = authorisation(kit, request_of("budi", Role.PETUGAS_PEREKAMAN), **wrong)
    assert refused(lambda: admission.add_user("kit-01", request)) == "user.not_authorised"


def test_only_an_admin_of_this_kit_lets_users_in(
    admission: Admission, kit: Kit, slip: EnrolCode, folder: Path, gateway_context: GatewayContext
) -> None:
    user_key = certificates.new_private_key()
    budi = UserRequest(user_id="budi", name="Budi", role=Role.PETUGAS_PEREKAMAN, csr=make_csr(user_key))
    admission.add_user("kit-01", authorisation(kit, budi))
    other = request_of("siti", Role.PETUGAS_PEREKAMAN)
    by_budi = authorisation(kit, other, JwsSigner(user_key, "budi"))
    by_forger = authorisation(kit, other, JwsSigner(certificates.new_private_key(), "admin"))
    by_nobody = authorisation(kit, other, JwsSigner(kit.admin_key, "nobody"))
    for request in (by_budi, by_forger, by_nobody):
        assert refused(lambda request=request: admission.add_user("kit-01", request)) == "user.not_authorised"
    new_kit(admission, slip, kit.clock)
    kit.clock.advance(seconds=1)
    newer = enrolled_kit(folder, gateway_context, kit.clock, "kit-03")
    for request in (authorisation(kit, other), authorisation(newer, other, kit="kit-02")):
        assert refused(lambda request=request: admission.add_user("kit-02", request)) == "user.not_authorised"
    with gateway_context.engine.begin() as connection:
        revoke_person(connection, "admin", ["kit-01"], kit.clock.now())
    assert refused(lambda: admission.add_user("kit-01", authorisation(kit, other))) == "user.not_authorised"


# Parts of seconds that a float holds exactly.
LIMITS = Limits(
    requests_per_address=2,
    body_silence=timedelta(seconds=0.5),
    rate_window=timedelta(seconds=0.25),
    slowest_bytes_per_s=1000,
)
SENDS = (b"content-length", b"30")


class Client:
    """One request: what it sends, each piece after a pause in seconds, and what it was answered."""

    def __init__(self, *pieces: tuple[float, bytes], headers: tuple[tuple[bytes, bytes], ...] = (SENDS,)) -> None:
        self._pieces = list(pieces)
        self.scope: Scope = {"type": "http", "method": "POST", "client": ("10.0.0.1", 1), "headers": list(headers)}
        self.answers: list[Message] = []

    async def receive(self) -> Message:
        if not self._pieces:
            await asyncio.Event().wait()
        pause, body = self._pieces.pop(0)
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": body, "more_body": bool(self._pieces)}

    async def send(self, message: Message) -> None:
        self.answers.append(message)

    async def ask(self, limits: Callable[[Scope, Receive, Send], Awaitable[None]]) -> tuple[int, str]:
        await limits(self.scope, self.receive, self.send)
        start, body = self.answers
        return start["status"], json.loads(body["body"]).get("code", "")

    @property
    def is_cut(self) -> bool:
        return (b"connection", b"close") in self.answers[0].get("headers", ())


async def reads_all(_scope: Scope, receive: Receive, send: Send) -> None:
    while (message := await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200 if message["type"] == "http.request" else 400})
    await send({"type": "http.response.body", "body": b"{}"})


async def reads_nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 401})
    await send({"type": "http.response.body", "body": b'{"code": "auth"}'})


def test_a_body_that_comes_is_passed_on() -> None:
    client = Client((0.0, b"x" * 10), (0.02, b"x" * 20))
    assert run(client.ask(ClientLimits(reads_all, LIMITS))) == (200, "")


SLOW = [(0.125, b"x")] * 30


@pytest.mark.parametrize(
    ("pieces", "left"),
    [
        ([(0.0, b"x"), (0.625, b"x")], 0),
        ([(0.375, b"x" * 400), (0.375, b"x" * 400), (0.625, b"x"), (0.0, b"x")], 1),
        (SLOW, 28),
        ([(0.125, b"x" * 124), (0.125, b"x" * 125), (0.125, b"")], 1),
    ],
)
def test_silence_and_slowness_are_given_up_and_look_like_a_client_that_left(
    pieces: list[tuple[float, bytes]], left: int
) -> None:
    client = Client(*pieces)
    assert run(client.ask(ClientLimits(reads_all, LIMITS))) == (408, "client.slow")
    assert client.is_cut
    assert len(client._pieces) == left


@pytest.mark.parametrize(
    "pieces",
    [
        [(0.375, b"x" * 500), (0.375, b"x" * 500)],  # never silent for half a second
        [(0.0, b""), (0.125, b""), (0.0, b"x")],  # no judgement before a quarter of a second
        [(0.25, b"x" * 250), (0.0, b"x")],  # just as quick as it must be
        [(0.375, b"x")],  # slow, and whole
        [(0.25, b"x" * 300), (0.125, b""), (0.0, b"x")],  # judged anew from then on
    ],
)
def test_a_body_that_comes_in_its_time_is_passed_on(pieces: list[tuple[float, bytes]]) -> None:
    assert run(Client(*pieces).ask(ClientLimits(reads_all, LIMITS))) == (200, "")


async def waits_for_the_end(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await receive()
    await reads_nothing(scope, receive, send)


@pytest.mark.parametrize(
    ("headers", "is_patient"),
    [
        ([], True),
        ([(b"content-length", b"0")], True),
        ([(b"content-length", b"1")], False),
        ([(b"transfer-encoding", b"chunked")], False),
    ],
)
def test_only_for_a_body_is_the_client_waited_for_impatiently(
    headers: list[tuple[bytes, bytes]], is_patient: bool
) -> None:
    client = Client((0.0, b"x"), (99.0, b"x"), headers=tuple(headers))
    answer = run(client.ask(ClientLimits(waits_for_the_end, LIMITS)))
    assert answer == ((401, "auth") if is_patient else (408, "client.slow"))


def test_what_is_no_request_passes() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    client = Client()
    run(ClientLimits(app, LIMITS)({"type": "lifespan"}, client.receive, client.send))
    assert seen == [{"type": "lifespan"}]


@pytest.mark.parametrize("is_late_too", [False, True])
def test_who_cancels_the_request_is_not_taken_for_a_silent_client(is_late_too: bool) -> None:
    async def cancel() -> tuple[bool, list[Message]]:
        client = Client()
        asking = asyncio.create_task(client.ask(ClientLimits(reads_all, LIMITS)))
        await asyncio.sleep(0)
        # In the same round of the loop as the end of our own patience, or before it.
        asyncio.get_running_loop().call_later(0.5 if is_late_too else 0.25, asking.cancel)
        await asyncio.wait({asking})
        return asking.cancelled(), client.answers

    assert run(cancel()) == (True, [])


def test_the_time_that_we_need_ourselves_does_not_count() -> None:
    async def works(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(3):
            await receive()
            await asyncio.sleep(99.0)
        await reads_nothing(scope, receive, send)

    client = Client(*[(0.0, b"x")] * 3)
    assert run(client.ask(ClientLimits(works, LIMITS))) == (401, "auth")
    assert not client.is_cut


def test_the_rest_of_a_refused_body_is_let_in_before_the_answer() -> None:
    client = Client(*[(0.0, b"x" * 10)] * 3)
    assert run(client.ask(ClientLimits(reads_nothing, LIMITS))) == (401, "auth")
    assert not client.is_cut
    assert client._pieces == []


def test_a_client_that_asks_before_it_sends_is_not_asked_to_send() -> None:
    client = Client((0.0, b"x"), headers=(SENDS, (b"expect", b"100-continue")))
    assert run(client.ask(ClientLimits(reads_nothing, LIMITS))) == (401, "auth")
    assert client.is_cut
    assert client._pieces


def test_a_flood_behind_a_refusal_is_cut() -> None:
    client = Client(*[(0.0, bytes(1024 * 1024))] * 12)
    assert run(client.ask(ClientLimits(reads_nothing, LIMITS))) == (401, "auth")
    assert client.is_cut
    assert len(client._pieces) == 4


def test_behind_a_refusal_nobody_is_waited_for_as_long_as_before_it() -> None:
    async def reads_one(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await reads_nothing(scope, receive, send)

    client = Client((0.0, b"x"), (1.5, b"x"))
    patient = Limits(body_silence=timedelta(seconds=30))
    assert run(client.ask(ClientLimits(reads_one, patient))) == (401, "auth")
    assert client.is_cut


@pytest.mark.parametrize(
    "addresses",
    [
        ("10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"),
        ("::ffff:10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "::ffff:10.0.0.2"),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::", "2001:db8:0:1::2", "2001:db8:0:2::1"),
        ("", "", "", "pipe"),
    ],
)
def test_an_address_that_has_too_many_requests_is_told_so_and_counted_down(
    addresses: tuple[str, str, str, str],
) -> None:
    first, second, same, other = addresses

    async def ask(limits: ClientLimits, address: str, pause: float = 0.0) -> tuple[int, str]:
        client = Client((pause, b"x"))
        client.scope["client"] = (address, 1)
        return await client.ask(limits)

    async def all_of_them() -> list[tuple[int, str]]:
        limits = ClientLimits(reads_all, LIMITS)
        slow = [asyncio.create_task(ask(limits, address, 0.03)) for address in (first, second)]
        await asyncio.sleep(0)
        third = [await ask(limits, same), await ask(limits, other)]
        await asyncio.gather(*slow)
        return [*third, await ask(limits, same)]

    assert run(all_of_them()) == [(429, "client.too_many"), (200, ""), (200, "")]


def test_each_request_is_counted_until_its_own_end() -> None:
    async def ask(limits: ClientLimits, pause: float) -> int:
        return (await Client((pause, b"x")).ask(limits))[0]

    async def one_after_another() -> list[int]:
        limits = ClientLimits(reads_all, LIMITS)
        slow = [asyncio.create_task(ask(limits, pause)) for pause in (0.125, 0.25)]
        await asyncio.sleep(0.1875)
        more = [asyncio.create_task(ask(limits, 0.125)) for _ in range(2)]
        answers = [await task for task in (*slow, *more)]
        assert not limits._open  # nor is an address remembered that has none: there are more of them than memory
        return answers

    assert run(one_after_another()) == [200, 200, 200, 429]


def test_a_client_without_an_address_is_counted_too() -> None:
    client = Client((0.0, b"x"))
    client.scope["client"] = None
    assert run(client.ask(ClientLimits(reads_all, LIMITS))) == (200, "")


class Line:
    """One connection: sends nothing, hears everything."""

    async def receive(self) -> Message:
        await asyncio.sleep(10)
        raise AssertionError("nobody waits so long")

    async def send(self, message: Message) -> None:
        pass


async def held_in_a_circle(scope: Scope, receive: Receive, send: Send) -> None:
    kept: list[object] = [receive, send]
    kept.append(kept)
    await receive()


def test_a_client_that_is_given_up_is_let_go_before_garbage_is_collected() -> None:
    line = Line()
    gone = weakref.ref(line)
    limits = ClientLimits(held_in_a_circle, Limits(body_silence=timedelta(milliseconds=10)))
    scope: Scope = {"type": "http", "client": ("10.0.0.1", 1), "headers": [(b"content-length", b"9")]}
    gc.disable()
    try:
        run(limits(scope, line.receive, line.send))
        del line
        assert gone() is None
    finally:
        gc.enable()
