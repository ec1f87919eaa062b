from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import PENGURUS, TARGETS, Kit
from support.care import NothingWrong
from support.clock import NOW, HandClock
from support.kits import Told

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.domain.recording.exceptions import SignedAct
from fieldkit.services.delivery.check_store import BackUp, CheckStore


def codes(care: NothingWrong) -> list[str]:
    return [problem.code for problem in CheckStore(care, HandClock()).run()]


def test_a_sound_store_is_copied_and_once_a_week_checked_whole() -> None:
    care = NothingWrong()
    check = CheckStore(care, HandClock())
    assert check.is_due
    assert list(check.run()) == []
    assert (check.is_due, care.checked_whole_at()) == (False, NOW)
    assert care.done == ["quick", "deep", "files", "copy", "tidy"]
    care.done.clear()
    check.check()
    assert care.done == ["quick", "copy"]


def test_pages_are_looked_at_once_a_day_and_whenever_the_store_was_not_closed() -> None:
    care, clock = NothingWrong(), HandClock()
    for was_cut, after, has_looked in (
        (False, timedelta(0), True),
        (False, timedelta(hours=23), False),
        (True, timedelta(hours=23), True),
        (False, timedelta(hours=47), True),
    ):
        care.done.clear()
        clock.now = lambda after=after: NOW + after  # type: ignore[method-assign,misc]
        assert list(CheckStore(care, clock, was_cut=was_cut).run()) == []
        assert ("quick" in care.done, care.done[-1]) == (has_looked, "tidy")


def test_nothing_is_tidied_while_something_is_to_be_told() -> None:
    care = NothingWrong(damage=("page 3",))
    CheckStore(care, HandClock()).run()
    assert "tidy" not in care.done


def test_the_whole_check_waits_a_week_and_trusts_no_date_ahead() -> None:
    least = timedelta(microseconds=1)
    for checked, is_whole in (
        (NOW, False),
        (NOW - timedelta(days=7) + least, False),
        (NOW - timedelta(days=7), True),
        (NOW + least, True),
    ):
        care = NothingWrong(checked=checked)
        assert codes(care) == []
        assert ("deep" in care.done) is is_whole


def test_damage_is_noted_and_told_and_not_copied() -> None:
    for care in (NothingWrong(damage=("page 3",)), NothingWrong(deep=("index", "attachment"))):
        assert codes(care) == ["store.damage_found"]
        assert care.done[-1] == "noted"
        assert "copy" not in care.done


def test_a_sealed_file_that_is_not_as_it_was_sealed_is_told_by_name() -> None:
    [problem] = CheckStore(NothingWrong(files=("r-1", "r-2")), HandClock()).run()
    assert (problem.code, dict(problem.params)) == ("store.files_damaged", {"count": 2, "first": "r-1"})


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    made = Kit(tmp_path)
    yield made
    made.store.close()


def queue(kit: Kit, count: int) -> list[str]:
    people = TARGETS[:count]
    kit.plan(*people)
    return [kit.seal(number, who) for number, who in enumerate(people, 1)]


def make(backups: BackUp) -> str:
    return backups.make("/media/rina/KINGSTON", Told(), Told()).folder


def test_what_is_proven_stays_away_and_the_act_is_noted(kit: Kit) -> None:
    one, *_ = queue(kit, 3)
    kit.outbox.mark_sending(one)
    kit.outbox.mark_received(one)
    kit.outbox.acknowledge(one, "receipt", kit.clock.now())
    assert kit.outbox.counts()[DeliveryState.ACKNOWLEDGED] == 1
    folder = make(kit.context.backups)
    assert kit.sticks.backed_up == [("/media/rina/KINGSTON", frozenset({one}))]
    with kit.store.read() as unit:
        (event,) = [each for each in unit.events.of("KIT-07") if each.kind == "backup_made"]
    assert '"records":3' in event.payload
    assert "media" not in event.payload
    assert folder.startswith("/media/rina/KINGSTON")


def test_a_backup_is_due_while_records_exist_only_here(kit: Kit) -> None:
    backups = kit.context.backups
    assert not backups.standing().is_due
    queue(kit, 2)
    assert (backups.standing().unsent, backups.standing().last_at, backups.standing().is_due) == (2, None, True)
    make(backups)
    assert (backups.standing().last_at, backups.standing().is_due) == (kit.clock.now(), False)
    kit.clock.at += timedelta(days=1, microseconds=-1)
    assert not backups.standing().is_due
    kit.clock.at += timedelta(microseconds=1)
    assert backups.standing().is_due
    kit.clock.at -= timedelta(days=3)  # a backup of the future says nothing
    assert backups.standing().is_due


def test_a_backup_that_failed_is_not_noted(kit: Kit) -> None:
    queue(kit, 1)
    kit.sticks.refusal = StoreError("stick.full", needed=9, free=1)
    with pytest.raises(StoreError):
        make(kit.context.backups)
    assert kit.context.backups.standing().last_at is None


def test_one_record_is_handed_over_and_stays_in_the_queue(kit: Kit) -> None:
    one, _ = queue(kit, 2)
    folder = kit.context.backups.hand_over(one, "/media/rina/KINGSTON")
    assert folder == "/media/rina/KINGSTON/fieldkit/KIT-07/records"
    assert kit.sticks.carried == [("/media/rina/KINGSTON", (one,))]
    assert kit.sticks.vouched == [{}]
    with kit.store.write() as unit:
        unit.settings.put("vouches", {one: dict(SignedAct("bagus", "a.b.c", "ZGVy").payload)})
    kit.context.backups.hand_over(one, "/media/rina/KINGSTON")
    assert kit.sticks.vouched[-1] == {one: SignedAct("bagus", "a.b.c", "ZGVy")}
    with kit.store.read() as unit:
        assert [event.kind for event in unit.events.of(one)] == ["record_carried", "record_carried"]
        assert unit.records.get(one).state is DeliveryState.QUEUED


def test_who_may_not_send_makes_none(kit: Kit) -> None:
    one, *_ = queue(kit, 1)
    backups = kit.context_of(PENGURUS).backups
    for act in (lambda: make(backups), lambda: backups.hand_over(one, "/media/rina/KINGSTON")):
        with pytest.raises(RuleError) as caught:
            act()
        assert caught.value.code == "role.not_yours"
    assert (kit.sticks.backed_up, kit.sticks.carried) == ([], [])
    assert list(backups.drives()) == kit.sticks.listed
