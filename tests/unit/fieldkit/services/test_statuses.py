from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.app_context import PETUGAS, TARGETS, Kit
from support.plans import KASI

from fieldkit.domain.cards.card import CardCase, CardFacts, Document, Place, Printed
from fieldkit.domain.delivery import CODE_LIMIT, TYPED_FROM_SIAK, OfficeTask
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.services.statuses import FollowStatuses

MISINEM, KARTONO, DIMAS = TARGETS[:3]
BIRTHDAY = date(2027, 3, 12)  # of Dimas, who is 16 at the seal


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


@pytest.fixture
def statuses(kit: Kit) -> FollowStatuses:
    return kit.context.office.statuses


def test_a_typed_status_says_where_it_comes_from(kit: Kit, statuses: FollowStatuses) -> None:
    record = kit.seal(1, MISINEM)
    typed = statuses.type_status(record, "sent_for_enrollment", kit.clock.now() - timedelta(hours=2), " dilihat loket ")
    said = typed.entry.central
    assert said is not None
    assert (said.code, said.source, said.reason) == ("SENT_FOR_ENROLLMENT", TYPED_FROM_SIAK, "dilihat loket")
    assert not typed.is_doubtful


def test_a_stranger_is_kept_verbatim_and_asked_about(kit: Kit, statuses: FollowStatuses) -> None:
    record = kit.seal(1, MISINEM)
    statuses.type_status(record, " MENUNGGU_X7 ")
    (group,) = statuses.worklist()
    assert (group.code, group.task) == ("MENUNGGU_X7", OfficeTask.ASK_MEANING)
    with kit.store.read() as unit:
        assert "X7" not in "".join(event.line() for event in unit.events.of(record))


def test_an_illegal_looking_transition_warns_and_is_kept(kit: Kit, statuses: FollowStatuses) -> None:
    record = kit.seal(1, MISINEM)
    kit.apply(record, "SENT_FOR_ENROLLMENT")
    kit.clock.advance(hours=2)
    typed = statuses.type_status(record, "CARD_ISSUED")
    assert typed.is_doubtful
    assert [status.code for status in typed.entry.statuses] == ["SENT_FOR_ENROLLMENT", "CARD_ISSUED"]
    assert statuses.worklist()[0].lines[0].is_doubtful


def test_a_record_is_found_by_what_is_typed(kit: Kit, statuses: FollowStatuses) -> None:
    one, other = kit.seal(1, MISINEM), kit.seal(2, KARTONO)
    assert statuses.find("misinem") == {one}
    assert statuses.find("") == {one, other}
    assert statuses.get(one).record.masked_name == "MIS•••"


def test_the_same_words_twice_are_kept_once(kit: Kit, statuses: FollowStatuses) -> None:
    record, at = kit.seal(1, MISINEM), kit.clock.now()
    statuses.type_status(record, "SFE", at)
    assert len(statuses.type_status(record, "SFE", at).entry.statuses) == 1


def test_garbage_changes_nothing(kit: Kit, statuses: FollowStatuses) -> None:
    record = kit.seal(1, MISINEM)
    too_long = "X" * (CODE_LIMIT + 1)
    for code, wrong in (("  ", "no_code"), (too_long, "code_unreadable"), ("PRR\x00", "code_unreadable")):
        with pytest.raises(InputError, match=f"status.{wrong}"):
            statuses.type_status(record, code)
    with pytest.raises(InputError, match=r"status\.future"):
        statuses.type_status(record, "PRR", kit.clock.now() + timedelta(minutes=1))
    with pytest.raises(StoreError):
        statuses.type_status("nothing", "PRR")
    assert statuses.worklist()[0].lines[0].said is None


def test_the_worklist_has_what_is_urgent_first(kit: Kit, statuses: FollowStatuses) -> None:
    ready, sent, silent, young = (kit.seal(n, TARGETS[n - 1]) for n in (1, 2, 4, 3))
    kit.apply(ready, "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    kit.apply(sent, "SFE")
    kit.apply(young, "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    kit.clock.advance(days=4)
    found = [(group.task, group.code, [line.record_id for line in group.lines]) for group in statuses.worklist()]
    assert found == [
        (OfficeTask.PRINT, "PRINT_READY_RECORD", [ready]),
        (OfficeTask.RESEND, "SENT_FOR_ENROLLMENT", [sent]),
        (OfficeTask.CHECK_QUEUE, "", [silent]),
        (OfficeTask.WAIT_FOR_AGE, "PRINT_READY_RECORD", [young]),
    ]
    assert [group.lines[0].days for group in statuses.worklist()] == [3, 4, 4, 3]
    assert [group.lines[0].card_from for group in statuses.worklist()] == [None, None, None, BIRTHDAY]
    assert statuses.worklist("elsewhere") == []


def test_on_the_17th_birthday_and_not_before(kit: Kit) -> None:
    record = kit.seal(1, DIMAS)
    kit.apply(record, "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    (waits,) = kit.context.office.printing.print_list().later
    assert (waits.record.record_id, waits.card_from) == (record, BIRTHDAY)
    kit.clock.advance(days=(BIRTHDAY - kit.clock.today()).days - 1)
    assert kit.context.office.printing.print_list().now == ()
    kit.clock.advance(days=1)
    assert [line.record.record_id for line in kit.context.office.printing.print_list().now] == [record]
    assert kit.context.office.printing.print_list().later == ()


def test_who_married_at_16_gets_the_card_at_once(kit: Kit) -> None:
    record = kit.seal(1, DIMAS)
    kit.apply(record, "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    kit.context.office.clocks.note_facts("t3", None, kit.clock.today())
    assert [line.record.record_id for line in kit.context.office.printing.print_list().now] == [record]


def test_nothing_is_printed_that_the_center_did_not_call_unique(kit: Kit) -> None:
    failed, waits = kit.seal(1, MISINEM), kit.seal(2, KARTONO)
    kit.apply(failed, "SFE", "RECEIVED_AT_CENTRAL", "PRR", "DUPLICATE_RECORD")
    kit.apply(waits, "SFE", "RECEIVED_AT_CENTRAL")
    assert kit.context.office.printing.print_list().now == ()


def test_who_records_does_not_type_statuses(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    kit.plan(*TARGETS)
    record = kit.seal(1, MISINEM)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        kit.context.office.statuses.type_status(record, "PRR")
    kit.store.close()


def test_records_stand_by_what_is_to_be_done(kit: Kit, statuses: FollowStatuses) -> None:
    ready, waits = [kit.seal(n, MISINEM, timedelta(hours=n)) for n in (1, 2, 3)], kit.seal(4, KARTONO)
    for record in ready:
        kit.apply(record, "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    assert [len(group.lines) for group in statuses.worklist("a1")] == [3, 1]
    assert statuses.worklist()[1].lines[0].record_id == waits
    assert statuses.tasks() == {OfficeTask.PRINT: 3, OfficeTask.CHECK_QUEUE: 1}


def test_a_code_of_just_the_most_letters_seen_just_now_is_kept(kit: Kit, statuses: FollowStatuses) -> None:
    record, now = kit.seal(1, MISINEM), kit.clock.now()
    statuses.type_status(record, "X" * CODE_LIMIT, now)
    known = statuses.type_status(record, "PRR")
    assert known.entry.central is not None
    assert known.entry.central.observed_at == now
    with kit.store.read() as unit:
        told = [json.loads(event.payload) for event in unit.events.of(record) if event.kind == "status_typed"]
    assert [each["code"] for each in told] == [None, "PRINT_READY_RECORD"]


@pytest.mark.parametrize(
    ("place", "task"),
    [
        (None, OfficeTask.PRINT),
        (Place.DINAS, OfficeTask.HAND_OVER),
        (Place.DESA, OfficeTask.HAND_OVER),
        (Place.PERSON, OfficeTask.CLOSE),
    ],
)
def test_where_the_card_is_decides_what_is_left_to_do(
    kit: Kit, statuses: FollowStatuses, place: Place | None, task: OfficeTask
) -> None:
    record = kit.seal(1, MISINEM)
    kit.apply(record, "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    prints = (Printed(kit.clock.now(), "u1", "B1"),)
    if place is not None:
        card = CardCase(record, "a1", Document.KTP_EL, "R", "SITI", "3505", "Jimbe", prints, place=place)
        with kit.store.write() as unit:
            unit.repository(CardCase).save(card)
    (group,) = statuses.worklist()
    assert (group.task, group.lines[0].is_doubtful) == (task, False)


def test_what_is_first_said_follows_from_nothing(kit: Kit, statuses: FollowStatuses) -> None:
    statuses.type_status(kit.seal(1, MISINEM), "CARD_ISSUED")
    (group,) = statuses.worklist()
    assert not group.lines[0].is_doubtful
    assert group.lines[0].said is not None
    assert group.lines[0].card_from is None


def test_a_dinas_says_after_how_many_days_a_record_is_stuck(kit: Kit, statuses: FollowStatuses) -> None:
    kit.apply(kit.seal(1, MISINEM), "SFE")
    kit.clock.advance(days=2)
    before = statuses.worklist()[0].task
    with kit.store.write() as unit:
        unit.settings.put("status.stuck_days", 1)
    assert (before, statuses.worklist()[0].task) == (OfficeTask.MONITOR, OfficeTask.RESEND)


def test_whose_card_comes_first_is_printed_first_and_the_nearest_birthday_waits_first(kit: Kit) -> None:
    also_16 = replace(TARGETS[3], biodata=replace(TARGETS[3].biodata, name=DIMAS.biodata.name))
    young, marries, first, second = (kit.seal(n, each) for n, each in enumerate((DIMAS, also_16, MISINEM, KARTONO)))
    with kit.store.write() as unit:
        unit.repository(CardFacts).save(CardFacts("t4", "a1", married_on=date(2026, 12, 24)))
    for record in (second, first, young, marries):
        kit.clock.advance(minutes=1)
        kit.apply(record, "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    found = kit.context.office.printing.print_list()
    assert [line.record.record_id for line in found.now] == [second, first]
    assert [line.record.record_id for line in found.later] == [marries, young]
    assert found.later[0].unique_at == kit.clock.now() + timedelta(hours=2)
