from __future__ import annotations

import hashlib
import threading
from contextlib import nullcontext
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
from support.asked import asked
from support.clock import HandClock
from support.locks import noting_locks
from support.races import meanwhile

from fieldkit.domain.errors import InputError, RuleError
from sync.gateway.database import GatewayContext
from sync.gateway.office.accounts import (
    RIGHTS,
    Accounts,
    Credentials,
    OfficeRole,
    Person,
    Right,
    Sessions,
    SignInRefusedError,
    form_token,
)
from sync.gateway.tables import office_sessions, office_tries, office_users

GOOD = "kuda hijau melompat 77 pagar"
BETTER = "sepuluh perahu biru di atas bukit"


@pytest.fixture
def accounts(gateway_context: GatewayContext) -> Accounts:
    return Accounts(gateway_context)


@pytest.fixture
def given(accounts: Accounts) -> Credentials:
    return accounts.add("budi", OfficeRole.ADMIN, GOOD)


def code_of(given: Credentials, clock: HandClock) -> str:
    return pyotp.TOTP(given.totp_secret).at(int(clock.now().timestamp()))


def wait(accounts: Accounts, given: Credentials, passphrase: str, code: str) -> timedelta | None:
    """Return how long the name is locked after a refused sign-in, None when it is not."""
    with pytest.raises(SignInRefusedError) as caught:
        accounts.sign_in(given.name, passphrase, code)
    until = caught.value.locked_until
    return None if until is None else until - accounts._context.clock.now()


def test_passphrase_and_code_let_in_and_a_code_counts_once(
    accounts: Accounts, given: Credentials, clock: HandClock
) -> None:
    code = code_of(given, clock)
    accounts.sign_in("budi", GOOD, f"{code[:3]} {code[3:]}")
    wait(accounts, given, GOOD, code)
    clock.advance(seconds=30)
    wait(accounts, given, GOOD, code)  # still in its window, but spent
    accounts.sign_in("budi", GOOD, code_of(given, clock))
    clock.advance(seconds=-60)
    wait(accounts, given, GOOD, code_of(given, clock))  # older than one that counted


@pytest.mark.parametrize(
    ("passphrase", "code"), [("kuda hijau", ""), (GOOD, "000000x"), (GOOD, "１２３４５６"), ("", ""), (GOOD, "")]
)
def test_neither_alone_lets_in(
    accounts: Accounts, given: Credentials, clock: HandClock, passphrase: str, code: str
) -> None:
    right = code_of(given, clock)
    wait(accounts, given, passphrase, code or (right if passphrase != GOOD else ""))


def test_a_locked_name_waits_longer_each_time_whether_there_is_such_a_user_or_not(
    accounts: Accounts, given: Credentials, clock: HandClock
) -> None:
    for stranger in (given, Credentials("nobody", "", given.totp_secret, "")):
        for _ in range(5):
            assert wait(accounts, stranger, "wrong", "000000") is None
        for minutes in (1, 5, 15, 60, 60):
            assert wait(accounts, stranger, GOOD, code_of(given, clock)) == timedelta(minutes=minutes)
            clock.advance(minutes=minutes, seconds=1)
            assert wait(accounts, stranger, "wrong", "000000") is None
    clock.advance(days=1, minutes=1)
    accounts.sign_in("budi", GOOD, code_of(given, clock))
    assert wait(accounts, given, "wrong", "000000") is None


def test_a_clock_set_back_makes_no_lock_longer(accounts: Accounts, given: Credentials, clock: HandClock) -> None:
    for _ in range(5):
        wait(accounts, given, "wrong", "000000")
    assert wait(accounts, given, GOOD, code_of(given, clock)) == timedelta(minutes=1)
    clock.advance(days=-3)
    accounts.sign_in("budi", GOOD, code_of(given, clock))


def test_a_disabled_account_stays_outside_until_it_is_reset(
    accounts: Accounts, given: Credentials, clock: HandClock
) -> None:
    accounts.disable("budi")
    wait(accounts, given, GOOD, code_of(given, clock))
    again = accounts.reset("budi")
    assert again.totp_secret != given.totp_secret
    accounts.sign_in("budi", again.passphrase, code_of(again, clock))
    with pytest.raises(InputError, match=r"^office\.name_unknown"):
        accounts.disable("nobody")


def test_a_made_passphrase_must_be_changed_and_the_authenticator_stays(
    accounts: Accounts, gateway_context: GatewayContext, clock: HandClock
) -> None:
    given = accounts.add("sri", OfficeRole.OPERATOR)
    query = sa.select(office_users.c.is_temporary)
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(query) is True
    for old, new, error in (
        ("wrong", BETTER, SignInRefusedError),
        (given.passphrase, given.passphrase, InputError),
        (given.passphrase, "12345678", InputError),
    ):
        with pytest.raises(error):
            accounts.change_passphrase("sri", old, new)
    accounts.change_passphrase("sri", given.passphrase, BETTER)
    accounts.sign_in("sri", BETTER, code_of(given, clock))
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(query) is False


@pytest.mark.parametrize("name", ["", "dua kata", "x" * 65, "a/b", "a\0b", ".", "..", "-", "\uff41dmin"])
def test_odd_names_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(InputError, match=r"^office\.name_form"):
        accounts.add(name, OfficeRole.AUDITOR, GOOD)


def test_a_name_is_taken_once_and_a_weak_passphrase_never(accounts: Accounts, given: Credentials) -> None:
    with pytest.raises(InputError, match=r"^office\.name_taken"):
        accounts.add("budi", OfficeRole.AUDITOR, BETTER)
    with pytest.raises(InputError, match=r"^vault\."):
        accounts.add("sri", OfficeRole.AUDITOR, "password")
    assert [(each.name, each.role) for each in accounts.listed()] == [("budi", OfficeRole.ADMIN)]


def test_the_database_alone_gives_no_secret_away(given: Credentials, gateway_context: GatewayContext) -> None:
    with gateway_context.engine.begin() as connection:
        stored = " ".join(map(str, connection.execute(sa.select(office_users)).one()))
    assert given.totp_secret not in stored
    assert GOOD not in stored
    assert GOOD not in repr(given)


def test_each_role_has_its_rights() -> None:
    assert RIGHTS[OfficeRole.OPERATOR] == {Right.READ}
    assert RIGHTS[OfficeRole.AUDITOR] == {Right.AUDIT}
    assert RIGHTS[OfficeRole.ADMIN] == set(Right)


def test_a_flood_of_sign_ins_is_turned_away_and_the_line_is_free_again(
    accounts: Accounts, given: Credentials, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = threading.Semaphore(1)
    monkeypatch.setattr("sync.gateway.office.accounts._IN_LINE", line)
    line.acquire()  # somebody waits already
    with pytest.raises(RuleError, match=r"^office\.busy"):
        accounts.sign_in("budi", GOOD, code_of(given, clock))
    line.release()
    wait(accounts, given, "wrong", "0")
    accounts.sign_in("budi", GOOD, code_of(given, clock))


def test_each_name_has_its_own_tries_codes_and_sessions(
    accounts: Accounts, given: Credentials, gateway_context: GatewayContext, clock: HandClock
) -> None:
    sessions, other = Sessions(gateway_context), accounts.add("sri", OfficeRole.OPERATOR, GOOD)
    for each in (given, other):  # at the same step
        accounts.sign_in(each.name, GOOD, code_of(each, clock))
    token, others_token = (sessions.begin(each.name) for each in (given, other))
    clock.advance(seconds=30)
    for _ in range(4):
        assert wait(accounts, given, "wrong", "0") is None
    assert wait(accounts, other, "wrong", "0") is None
    assert wait(accounts, given, "wrong", "0") is None
    assert wait(accounts, given, GOOD, "0") == timedelta(minutes=1)  # the sixth
    accounts.sign_in("sri", GOOD, code_of(other, clock))  # forgets hers, not his
    assert wait(accounts, given, GOOD, "0") == timedelta(minutes=1)
    for _ in range(5):
        assert wait(accounts, other, "wrong", "0") is None
    again = accounts.reset("budi", GOOD)
    accounts.sign_in("budi", GOOD, code_of(again, clock))  # at once
    assert wait(accounts, other, GOOD, "0") == timedelta(minutes=1)
    assert sessions.person(token) is None
    assert sessions.person(others_token) is not None


def test_a_passphrase_is_changed_for_one_and_its_tries_count_too(
    accounts: Accounts, given: Credentials, gateway_context: GatewayContext, clock: HandClock
) -> None:
    sessions, other = Sessions(gateway_context), accounts.add("sri", OfficeRole.OPERATOR, GOOD)
    token, others_token = (sessions.begin(each.name) for each in (given, other))
    for _ in range(4):
        wait(accounts, other, "wrong", "0")
    with pytest.raises(SignInRefusedError):
        accounts.change_passphrase("nobody", GOOD, BETTER)
    for _ in range(4):
        with pytest.raises(SignInRefusedError):
            accounts.change_passphrase("budi", "wrong", BETTER)
    accounts.change_passphrase("budi", GOOD, BETTER)
    assert (sessions.person(token), sessions.person(others_token) is None) == (None, False)
    for _ in range(5):  # none of those before counts any more
        with pytest.raises(SignInRefusedError) as caught:
            accounts.change_passphrase("budi", GOOD, BETTER)
        assert caught.value.locked_until is None
    assert wait(accounts, given, BETTER, code_of(given, clock)) == timedelta(minutes=1)
    assert wait(accounts, other, "wrong", "0") is None  # the fifth
    assert wait(accounts, other, GOOD, "0") == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("later", "is_locked"),
    [
        (timedelta(seconds=59), True),
        (timedelta(minutes=1), False),
    ],
)
def test_a_lock_ends_with_its_minute(
    accounts: Accounts, given: Credentials, clock: HandClock, later: timedelta, is_locked: bool
) -> None:
    for _ in range(5):
        wait(accounts, given, "wrong", "0")
    clock.at += later
    assert wait(accounts, given, "wrong", "0") == (timedelta(minutes=1) - later if is_locked else None)


@pytest.mark.parametrize(("later", "is_forgotten"), [(timedelta(days=1), False), (timedelta(days=1, seconds=1), True)])
def test_tries_are_forgotten_after_a_day(
    accounts: Accounts, given: Credentials, clock: HandClock, later: timedelta, is_forgotten: bool
) -> None:
    for _ in range(4):
        wait(accounts, given, "wrong", "0")
    clock.at += later
    wait(accounts, given, "wrong", "0")
    assert wait(accounts, given, "wrong", "0") == (None if is_forgotten else timedelta(minutes=1))


def test_the_first_two_tries_of_one_moment_are_one_too_many(
    accounts: Accounts, given: Credentials, gateway_context: GatewayContext, clock: HandClock
) -> None:
    first = sa.insert(office_tries).values(name_hash=hashlib.sha256(b"budi").hexdigest(), failed=1, last_at=clock.now())
    with meanwhile(gateway_context.engine, "INSERT INTO office_tries", first):
        assert wait(accounts, given, GOOD, code_of(given, clock)) is None
    with noting_locks(gateway_context.engine) as locks:  # those of one name come one after the other
        accounts.sign_in("budi", GOOD, code_of(given, clock))
    assert locks == [f"office_tries.name_hash = '{hashlib.sha256(b'budi').hexdigest()}' FOR UPDATE"]


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_a_step_before_and_after(
    accounts: Accounts, given: Credentials, clock: HandClock, steps: int, is_right: bool
) -> None:
    code = pyotp.TOTP(given.totp_secret).at(int(clock.now().timestamp()) + 30 * steps)
    with nullcontext() if is_right else pytest.raises(SignInRefusedError):
        accounts.sign_in("budi", GOOD, code)


@pytest.fixture
def sessions(gateway_context: GatewayContext) -> Sessions:
    Accounts(gateway_context).add("sri", OfficeRole.OPERATOR, GOOD)
    return Sessions(gateway_context)


def test_a_session_is_known_to_every_worker_and_its_token_to_none(
    sessions: Sessions, gateway_context: GatewayContext
) -> None:
    token = sessions.begin("sri")
    assert Sessions(gateway_context).person(token) == Person("sri", OfficeRole.OPERATOR, False)
    with gateway_context.engine.begin() as connection:
        stored = connection.scalars(sa.select(office_sessions.c.token_hash)).one()
    assert token not in stored
    assert sessions.person(stored) is None
    sessions.end(token)
    assert sessions.person(token) is None
    with asked(gateway_context.engine) as said:
        assert sessions.person("") is None  # who brings none, as each picture of the page does
    assert said == []


def test_a_session_ends_after_half_an_hour_of_silence_and_after_ten_hours(sessions: Sessions, clock: HandClock) -> None:
    token = sessions.begin("sri")
    for _ in range(20):
        clock.advance(minutes=29)
        assert sessions.person(token) is not None
    clock.advance(minutes=29)
    assert sessions.person(token) is None  # 10 h
    token = sessions.begin("sri")
    clock.advance(minutes=31)
    assert sessions.person(token) is None


@pytest.mark.parametrize("end", ["disable", "reset"])
def test_an_account_that_is_changed_ends_its_sessions(
    sessions: Sessions, gateway_context: GatewayContext, end: str
) -> None:
    token = sessions.begin("sri")
    getattr(Accounts(gateway_context), end)("sri")
    assert sessions.person(token) is None


def test_an_operator_reads_and_the_tokens_of_two_browsers_differ(sessions: Sessions) -> None:
    person = sessions.person(sessions.begin("sri"))
    assert person is not None
    assert [right for right in Right if person.may(right)] == [Right.READ]
    assert form_token("a") != form_token("b")


@pytest.mark.parametrize(
    ("idle", "age", "counts"),
    [
        (timedelta(minutes=30), timedelta(minutes=30), True),
        (timedelta(minutes=30, seconds=1), timedelta(hours=1), False),
        (timedelta(0), timedelta(hours=10), True),
        (timedelta(0), timedelta(hours=10, seconds=1), False),
    ],
)
def test_a_session_ends_behind_its_last_moment_and_is_forgotten_at_the_next_sign_in(
    sessions: Sessions, gateway_context: GatewayContext, clock: HandClock, idle: timedelta, age: timedelta, counts: bool
) -> None:
    token, now = sessions.begin("sri"), clock.now()
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(office_sessions).values(seen_at=now - idle, started_at=now - age))
    assert (sessions.person(token) is not None) is counts
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(office_sessions).values(seen_at=now - idle, started_at=now - age))
    sessions.begin("sri")
    with gateway_context.reading() as connection:
        assert len(connection.execute(sa.select(office_sessions)).all()) == 1 + counts


def test_each_session_is_seen_once_a_minute_and_ended_alone(
    sessions: Sessions, gateway_context: GatewayContext, clock: HandClock
) -> None:
    began, (first, second) = clock.now(), (sessions.begin("sri") for _ in range(2))

    def seen() -> list[float]:
        with gateway_context.reading() as connection:
            times = connection.scalars(sa.select(office_sessions.c.seen_at).order_by(office_sessions.c.seen_at)).all()
        return [(at - began).total_seconds() for at in times]

    for seconds, times in ((60, [0, 0]), (1, [0, 61])):
        clock.advance(seconds=seconds)
        assert sessions.person(first) is not None
        assert seen() == times
    sessions.end(second)
    assert seen() == [61]
    with gateway_context.engine.begin() as connection:  # by somebody else
        connection.execute(sa.update(office_users).values(disabled_at=clock.now()))
    assert sessions.person(first) is None
