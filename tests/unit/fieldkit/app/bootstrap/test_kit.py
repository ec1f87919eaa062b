from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.clock import HandClock
from support.homes import ADMIN, PASSPHRASE, PIN, Nobody, Office, Repository, open_office, opened, record
from support.kept import biodata
from support.room import LEAD, PETUGAS

from fieldkit.app.bootstrap.clock import CorrectedClock
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.domain.errors import InputError, KnownError, RuleError, StoreError, VaultError
from fieldkit.domain.trusted_time import ClockState, TimeSource
from fieldkit.services.context.app_context import AppContext
from fieldkit.vault.one_time_codes import TotpCodes
from fieldkit.vault.slot_copies import copies_of


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    return office.kit(tmp_path / "kit", PETUGAS, LEAD)


def code_of(error: pytest.ExceptionInfo[KnownError]) -> str:
    return error.value.code


def test_there_must_be_a_kit(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        LockedKit(Home(tmp_path), Repository())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.days
def test_the_locked_kit_shows_whom_it_knows(home: Home) -> None:
    kit = LockedKit(home, Repository())
    sign = kit.sign()
    assert (sign.people, sign.dinas, sign.demo_pins) == (
        (PETUGAS, LEAD, ADMIN),  # who records comes first
        "Dinas Uji",
        {},
    )
    assert sign.last_sync_at == home.read_public().last_sync_at
    assert sign.last_sync_at is not None  # the data center answered when it was enrolled
    assert list(kit.leads()) == [LEAD]
    kit.leave()


@pytest.mark.days
def test_the_locked_kit_knows_how_late_it_is_at_least(home: Home) -> None:
    with opened(home) as context:
        context.time.learn(context.clock.now() + timedelta(days=3), TimeSource.CENTER)
    assert home.read_public().certificates.keys() == {"kit", PETUGAS.user_id}
    kit = LockedKit(home, Repository())
    sign = kit.sign()
    assert sign.clock is not None
    assert (sign.clock.state, round(sign.clock.by / timedelta(days=1))) == (ClockState.BEHIND, 3)
    kit.leave()


@pytest.mark.days
def test_ids_grow_over_restarts_though_the_clock_went_back(home: Home) -> None:
    with opened(home) as context:
        first = record(context).record.record_id
        target = replace(context.visits.target("t1"), target_id="t2", biodata=biodata(nik="3275014708790004"))
        context.visits.take_over(context.visits.overview().activity, [target])  # type: ignore[arg-type]
    kit = LockedKit(home, Repository(), CorrectedClock(HandClock(datetime(1970, 1, 1, tzinfo=UTC))))
    assert kit.unlock(PETUGAS.user_id, PASSPHRASE).recording.open("t2").session_id > first
    kit.leave()


@pytest.mark.days
def test_one_program_has_a_kit(home: Home) -> None:
    kit = LockedKit(home, Repository())
    with pytest.raises(StoreError) as caught:
        LockedKit(home, Repository())
    assert code_of(caught) == "store.in_use"
    kit.leave()
    LockedKit(home, Repository()).leave()


@pytest.mark.days
def test_damaged_slots_do_not_keep_the_kit_taken(home: Home) -> None:
    whole = home.slots.read_text()
    for copy in copies_of(home.slots):
        copy.write_text(whole[:30])
    with pytest.raises(VaultError) as caught:
        LockedKit(home, Repository())
    assert code_of(caught) == "vault.slots_damaged"
    home.slots.write_text(whole)
    LockedKit(home, Repository()).leave()


def test_one_damaged_copy_of_the_slots_keeps_nobody_out(home: Home) -> None:
    home.slots.write_bytes(b"")
    with opened(home) as context:
        assert context.user == PETUGAS
    assert home.slots.read_bytes() == copies_of(home.slots)[1].read_bytes()


@pytest.mark.days
def test_a_wrong_passphrase_counts_over_restarts(home: Home) -> None:
    for left in (4, 3):
        kit = LockedKit(home, Repository())
        with pytest.raises(VaultError) as caught:
            kit.unlock(PETUGAS.user_id, "not this one")
        assert (code_of(caught), caught.value.problem.params["left"]) == ("vault.wrong_passphrase", left)
        kit.leave()
    with opened(home):
        pass
    kit = LockedKit(home, Repository())
    with pytest.raises(VaultError) as caught:
        kit.unlock(PETUGAS.user_id, "not this one")
    assert caught.value.problem.params["left"] == 4
    kit.leave()


@pytest.mark.days
def test_unlock_lock_and_unlock_again(home: Home) -> None:
    repository = Repository()
    kit = LockedKit(home, repository)
    first = kit.unlock(PETUGAS.user_id, PASSPHRASE)
    record(first)
    assert repository.lent == 1
    kit.lock()
    assert repository.lent == 0
    assert kit.unlock(PETUGAS.user_id, PASSPHRASE).delivery.queue().sealed == 1
    kit.leave()
    kit.leave()
    assert repository.lent == 0


@pytest.mark.days
def test_signing_in_over_somebody_changes_the_context(home: Home) -> None:
    kit = LockedKit(home, Repository())
    kit.unlock(PETUGAS.user_id, PASSPHRASE)
    context = kit.unlock(LEAD.user_id, PASSPHRASE)
    assert context.user == LEAD
    with pytest.raises(VaultError):
        kit.unlock(PETUGAS.user_id, "not this one")
    assert context.delivery.queue().sealed == 0  # a failed try does not close what is open
    kit.leave()


@pytest.mark.days
def test_what_was_interrupted_lies_on_the_context(home: Home) -> None:
    with opened(home) as context:
        record(context)
        (home.sealed / "0193-orphan.age").write_bytes(b"nobody knows me")
        target = context.visits.target("t1")
        context.visits.take_over(context.visits.overview().activity, [replace(target, target_id="t2")])  # type: ignore[arg-type]
        with pytest.raises(RuleError):
            context.recording.open("t2")  # the same NIK
    with opened(home) as context:
        assert context.left_open == ()
        assert [(problem.code, problem.params["count"]) for problem in context.to_tell] == [("recover.set_aside", 1)]
        assert (home.sealed / "aside" / "0193-orphan.age").read_bytes() == b"nobody knows me"
        assert len(list(home.sealed.glob("*.age"))) == len(list(home.sealed.glob("*.manifest"))) == 1


def test_a_store_that_does_not_open_leaves_nothing_open(home: Home) -> None:
    content = home.database.read_bytes()
    home.database.write_bytes(bytes(len(content)))
    (home.path / "enrolment.sealed").unlink()  # nothing proves now that the key is the right one
    repository = Repository()
    kit = LockedKit(home, repository)
    with pytest.raises(KnownError):
        kit.unlock(PETUGAS.user_id, PASSPHRASE)
    assert repository.lent == 0
    with pytest.raises(VaultError) as caught:
        kit.check_pin(PIN)
    assert code_of(caught) == "vault.pin_exhausted"
    home.database.write_bytes(content)
    assert kit.unlock(PETUGAS.user_id, PASSPHRASE).user == PETUGAS
    kit.leave()


@pytest.mark.days
def test_a_store_without_settings_is_damaged(home: Home) -> None:
    with opened(home) as context:
        store = context.audit._store
        with store.write() as unit:
            unit.settings.put("enrolment", "{}")
    with opened(home) as context:  # enrolment left them beside the store too
        assert context.user == PETUGAS
        with context.audit._store.write() as unit:
            unit.settings.put("enrolment", "{}")
    (home.path / "enrolment.sealed").unlink()
    with pytest.raises(StoreError) as caught, opened(home):
        pass
    assert code_of(caught) == "store.damaged"


@pytest.mark.days
def test_a_pin_confirms_who_is_signed_in(home: Home) -> None:
    kit = LockedKit(home, Repository())
    with pytest.raises(VaultError):
        kit.check_pin(PIN)
    kit.unlock(PETUGAS.user_id, PASSPHRASE)
    kit.check_pin(PIN)
    with pytest.raises(VaultError) as caught:
        kit.check_pin("000000")
    assert (code_of(caught), caught.value.problem.params["left"]) == ("vault.wrong_pin", 4)
    kit.lock()
    with pytest.raises(VaultError):
        kit.check_pin(PIN)
    kit.leave()


@pytest.mark.days
def test_a_lead_gives_the_word_without_taking_the_context(home: Home) -> None:
    kit = LockedKit(home, Repository())
    context = kit.unlock(PETUGAS.user_id, PASSPHRASE)
    assert kit.check_lead(LEAD.user_id, PASSPHRASE).user == LEAD
    with pytest.raises(RuleError) as refused:
        kit.check_lead(PETUGAS.user_id, PASSPHRASE)
    assert code_of(refused) == "session.lead_only"
    with pytest.raises(VaultError) as wrong:
        kit.check_lead(LEAD.user_id, "not this one")
    assert code_of(wrong) == "vault.wrong_passphrase"
    assert context.audit.verify()[1] is None  # still open
    kit.leave()


def test_a_pin_is_no_passphrase_but_in_the_demo(home: Home) -> None:
    kit = LockedKit(home, Repository())
    with pytest.raises(VaultError):
        kit.unlock(PETUGAS.user_id, PIN)
    home.write_public(replace(home.read_public(), demo_pins={PETUGAS.user_id: PIN}))
    with pytest.raises(VaultError):
        kit.unlock(PETUGAS.user_id, PIN)  # this user's passphrase is not the demo's
    kit.leave()


@pytest.mark.days
def test_a_run_that_met_the_data_center_is_noted(home: Home) -> None:
    with opened(home) as context:
        record(context)
        report = context.delivery.send(Nobody(), Nobody())
        assert (len(report.acknowledged), report.stopped_by, report.counts_agree) == (1, None, True)
    kit = LockedKit(home, Repository())
    assert home.read_public().clock_skew_s == pytest.approx(0, abs=30)
    met = kit.sign().last_sync_at
    assert met is not None
    assert met.utcoffset() is not None
    assert met.tzname() == "WITA"
    kit.leave()


@pytest.mark.days
def test_a_run_that_did_not_meet_it_is_not_noted(tmp_path: Path) -> None:
    with open_office(tmp_path / "gateway") as office:
        home = office.kit(tmp_path / "kit", PETUGAS)
    enrolled_at = home.read_public().last_sync_at
    with opened(home) as context:
        record(context)
        report = context.delivery.send(Nobody(), Nobody())
        assert report.stopped_by is not None
        assert report.waiting == 1
        assert context.delivery.queue().unsent == 1
    assert home.read_public().last_sync_at == enrolled_at


def code_of_now(context: AppContext, secret: str, by: int = 0) -> str:
    return TotpCodes().code_at(secret, int(context.clock.now().timestamp()) // 30 + by)


@pytest.mark.days
def test_a_second_factor_stands_between_the_passphrase_and_the_devices(home: Home) -> None:
    devices = Repository()
    kit = LockedKit(home, devices)
    context = kit.unlock(ADMIN.user_id, PASSPHRASE)
    secret = context.second_factor.offer().secret
    context.second_factor.begin(code_of_now(context, secret, -1))
    kit.lock()
    for _ in range(2):
        with pytest.raises(VaultError) as caught:
            kit.unlock(ADMIN.user_id, PASSPHRASE)
        assert (code_of(caught), devices.lent) == ("factor.wanted", 0)
    with pytest.raises(VaultError) as caught:
        kit.enter_code("000000")
    assert (code_of(caught), devices.lent) == ("factor.wrong", 0)
    again = kit.enter_code(code_of_now(context, secret, 1))
    assert (again.user, devices.lent) == (ADMIN, 1)
    kit.check_pin(PIN)
    kit.lock()
    with pytest.raises(VaultError) as caught:
        kit.enter_code(code_of_now(context, secret, 2))  # a code alone opens nothing
    assert code_of(caught) == "factor.begin_again"
    assert kit.unlock(PETUGAS.user_id, PASSPHRASE).user == PETUGAS  # who has none goes on as ever
    kit.leave()
    assert secret.encode() not in b"".join(file.read_bytes() for file in home.path.rglob("*") if file.is_file())


@pytest.mark.days
def test_the_policy_and_the_first_start_lead_to_a_second_factor(home: Home) -> None:
    (home.path / "policy.yaml").write_text("name: uji\nsecond_factor: [admin_dinas]\n")
    with opened(home, ADMIN) as context:
        assert (context.second_factor.must_begin, context.policy.name) == (True, "uji")
    with opened(home) as context:
        assert not context.second_factor.must_begin
    (home.path / "policy.yaml").unlink()
    home.write_public(replace(home.read_public(), offers_code=ADMIN.user_id))
    for user, is_offered in ((PETUGAS, False), (ADMIN, True), (ADMIN, False)):
        with opened(home, user) as context:
            assert context.second_factor.is_offered is is_offered
