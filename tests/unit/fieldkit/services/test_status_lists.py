"""A list of statuses comes in by NIK: each row is accounted for, and who is not ours never reaches the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PETUGAS, TARGETS, TODAY, Kit
from support.lists import number, xlsx
from support.plans import KASI

from fieldkit.domain.delivery import CODE_LIMIT, CentralStatus
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import Nik
from fieldkit.domain.status_lists import LISTED_IN_SIAK, RowMeaning, SeenStatuses, StatusList
from fieldkit.domain.targets.sheets import Field
from fieldkit.services.status_lists import ImportStatuses, StatusDraft

MISINEM, KARTONO, DIMAS, NADIA = TARGETS[:4]
NIKS = [target.biodata.nik.digits for target in TARGETS]
STRANGER = "3505124101900009"
YESTERDAY = date(2026, 11, 20)
M = RowMeaning


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, KASI) as kit:
        kit.plan(*TARGETS)
        yield kit


@pytest.fixture
def lists(kit: Kit) -> ImportStatuses:
    return kit.context.office.status_lists


def csv(*lines: str, head: str = "NIK;STATUS KTP") -> bytes:
    return "\n".join(filter(None, (head, *lines))).encode()


def drafted(
    lists: ImportStatuses, content: bytes, on: date = TODAY, name: str = "prr.csv", code: str = ""
) -> StatusDraft:
    file = lists.read(name, content)
    return lists.preview("a1", file, file.layout, on, code)


def meanings(draft: StatusDraft) -> list[RowMeaning]:
    return [row.meaning for row in draft.rows]


def seen(kit: Kit) -> dict[str, tuple[CentralStatus, ...]]:
    with kit.store.read() as unit:
        return {each.thing_id: each.statuses for each in unit.repository(SeenStatuses).search()}


def everything(kit: Kit) -> str:
    """Return every row of every table of the store."""
    with kit.store.read() as unit:
        run = unit.connection.exec_driver_sql
        tables = run("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        return "".join(repr(tuple(row)) for table in tables for row in run(f'SELECT * FROM "{table}"').all())


def test_each_row_has_one_meaning_and_the_rest_of_the_list_is_told(kit: Kit, lists: ImportStatuses) -> None:
    record = kit.seal(1, MISINEM)
    kit.apply(record, "SENT_FOR_ENROLLMENT")
    draft = drafted(
        lists,
        csv(
            f"{NIKS[0]};PRINT READY RECORD",
            f"{NIKS[1]};SFE",
            f"{STRANGER};PRR",
            f"{NIKS[2]};PRR",
            f"{NIKS[2]};DUPLICATE",
            f"{NIKS[3]};NULL",
            f"{NIKS[1]};sent for enrollment",
            "35051255;PRR",
            "Jumlah;7",
        ),
    )
    assert meanings(draft) == [
        *(M.SKIPPED, M.NEW, M.NEW, M.NOT_OURS, M.CONTRADICTED, M.CONTRADICTED, M.SILENT, M.REPEATED, M.REFUSED),
        M.REFUSED,
    ]
    assert [person.name for person in draft.missing] == [target.biodata.name for target in TARGETS[4:]]
    assert sum(draft.counts.values()) == len(draft.rows)


def test_a_status_is_noted_at_the_record_and_else_as_seen_elsewhere(kit: Kit, lists: ImportStatuses) -> None:
    record = kit.seal(1, MISINEM)
    kit.apply(record, "SENT_FOR_ENROLLMENT")
    taken = lists.take_over(drafted(lists, csv(f"{NIKS[0]};PRR", f"{NIKS[1]};PRR")))
    said = kit.context.office.statuses.get(record).central
    assert said is not None
    assert (said.code, said.source, said.reason) == ("PRR", LISTED_IN_SIAK, "prr.csv")
    assert {name: [each.code for each in told] for name, told in seen(kit).items()} == {"t2": ["PRR"]}
    assert (taken.sha256, taken.by, len(taken.noted)) == (
        drafted(lists, csv(f"{NIKS[0]};PRR", f"{NIKS[1]};PRR")).file.sha256,
        KASI.user_id,
        2,
    )
    with kit.store.read() as unit:
        (event,) = unit.events.of(taken.thing_id)
    assert json.loads(event.payload)["noted"] == 2
    assert NIKS[1] not in event.payload


def test_the_day_of_a_list_holds_to_its_end_and_today_until_now(kit: Kit, lists: ImportStatuses) -> None:
    lists.take_over(drafted(lists, csv(f"{NIKS[0]};SFE"), YESTERDAY))
    lists.take_over(drafted(lists, csv(f"{NIKS[0]};PRR")))
    first, second = seen(kit)["t1"]
    assert kit.clock.local(first.observed_at).strftime("%d-%m %H.%M") == "20-11 23.59"
    assert second.observed_at == kit.clock.now()


def test_who_is_not_ours_never_reaches_the_store(kit: Kit, lists: ImportStatuses) -> None:
    lists.take_over(drafted(lists, csv(f"{NIKS[0]};PRR", f"{STRANGER};PRR;ORANG LAIN")))
    text = everything(kit)
    assert NIKS[1] in text  # what is read is the store
    assert STRANGER not in text
    assert "ORANG LAIN" not in text


def test_older_unchanged_and_backward_steps_are_told_and_left(kit: Kit, lists: ImportStatuses) -> None:
    lists.take_over(drafted(lists, csv(*(f"{nik};PRR" for nik in NIKS[:4]))))
    older = drafted(lists, csv(f"{NIKS[0]};SFE"), YESTERDAY)
    later = drafted(lists, csv(f"{NIKS[1]};PRINT READY RECORD", f"{NIKS[2]};SFE", f"{NIKS[3]};CARD PRINTED"))
    assert meanings(older)[1:] == [M.OLDER]
    assert meanings(later)[1:] == [M.UNCHANGED, M.BACKWARDS, M.NEW]
    lists.take_over(later)
    assert [said.code for said in seen(kit)["t3"]] == ["PRR"]
    with pytest.raises(RuleError, match=r"siak\.nothing_new"):
        lists.take_over(older, [M.OLDER, M.BACKWARDS])
    lists.take_over(drafted(lists, csv(f"{NIKS[2]};SFE")), [M.BACKWARDS])
    assert [said.code for said in seen(kit)["t3"]] == ["PRR", "SFE"]


def test_one_undo_takes_back_what_a_list_added_and_nothing_else(kit: Kit, lists: ImportStatuses) -> None:
    record = kit.seal(1, MISINEM)
    kit.apply(record, "SENT_FOR_ENROLLMENT")
    lists.take_over(drafted(lists, csv(f"{NIKS[1]};SFE"), YESTERDAY))
    taken = lists.take_over(drafted(lists, csv(*(f"{nik};PRR" for nik in NIKS[:3]))))
    lists.take_over(drafted(lists, csv(f"{NIKS[2]};CARD PRINTED")))
    assert lists.take_back(taken.thing_id).taken_back_at == kit.clock.now()
    assert [said.code for said in kit.context.office.statuses.get(record).statuses] == ["SENT_FOR_ENROLLMENT"]
    assert {name: [each.code for each in told] for name, told in seen(kit).items()} == {
        "t2": ["SFE"],
        "t3": ["CARD_PRINTED"],
    }
    with pytest.raises(RuleError, match=r"siak\.taken_back_before"):
        lists.take_back(taken.thing_id)


def test_a_person_seen_only_in_a_list_is_forgotten_with_it(kit: Kit, lists: ImportStatuses) -> None:
    taken = lists.take_over(drafted(lists, csv(f"{NIKS[1]};SFE")))
    lists.take_back(taken.thing_id)
    assert seen(kit) == {}
    assert [each.thing_id for each in lists.lists()] == [taken.thing_id]


def test_what_came_meanwhile_counts_when_a_list_is_taken_over(kit: Kit, lists: ImportStatuses) -> None:
    draft = drafted(lists, csv(f"{NIKS[0]};SFE"))
    lists.take_over(drafted(lists, csv(f"{NIKS[0]};PRR")))
    with pytest.raises(RuleError, match=r"siak\.nothing_new"):
        lists.take_over(draft)


def test_a_power_cut_in_the_middle_leaves_nothing(
    kit: Kit, lists: ImportStatuses, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafted(lists, csv(*(f"{nik};PRR" for nik in NIKS)))

    def cut(*_args: object, **_kept: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("fieldkit.services.unit_of_work.UnitOfWork.keep", cut)
    with pytest.raises(ZeroDivisionError):
        lists.take_over(draft)
    assert seen(kit) == {}


def test_looking_changes_nothing(kit: Kit, lists: ImportStatuses) -> None:
    drafted(lists, csv(f"{NIKS[0]};PRR"))
    assert seen(kit) == {}
    assert lists.lists() == []


def test_a_number_that_excel_cut_is_refused_and_never_repaired(kit: Kit, lists: ImportStatuses) -> None:
    rows = [
        ("NIK", "KTPEL"),
        (number("3.50512520751E+15"), "PRR"),
        (NIKS[0][:15], "PRR"),
        ("3,50512E+15", "PRR"),
        (NIKS[1], "PRR"),
    ]
    draft = drafted(lists, xlsx(rows), name="a.xlsx")
    assert [(row.meaning, row.why) for row in draft.rows[1:4]] == [(M.REFUSED, "list.lost_digits")] * 3
    assert meanings(draft)[4] is M.NEW


def test_rounded_text_is_refused_where_most_numbers_end_in_0(kit: Kit, lists: ImportStatuses) -> None:
    draft = drafted(lists, csv(*(f"350512520751{at}000;PRR" for at in range(1, 5)), f"{NIKS[0]};PRR"))
    assert meanings(draft)[1:] == [*[M.REFUSED] * 4, M.NEW]


def test_a_list_without_a_status_is_asked_for_one(kit: Kit, lists: ImportStatuses) -> None:
    content = csv(*NIKS[:2], head="NIK")
    with pytest.raises(InputError, match=r"siak\.which_status"):
        drafted(lists, content)
    assert [row.code for row in drafted(lists, content, code="PRINT_READY_RECORD").rows[1:]] == [
        "PRINT_READY_RECORD"
    ] * 2


def test_a_day_to_come_is_refused(kit: Kit, lists: ImportStatuses) -> None:
    with pytest.raises(InputError, match=r"status\.future"):
        drafted(lists, csv(f"{NIKS[0]};PRR"), date(2026, 11, 22))


def test_the_rest_of_a_status_in_the_next_row_belongs_to_it(kit: Kit, lists: ImportStatuses) -> None:
    rows = [
        ("NIK", "Nama", "Stat Rkm"),
        (NIKS[0], "A", "SENT_FOR_CARD_"),
        (None, None, "PRINTING"),
        (NIKS[1], "B", "PRR"),
        (None, None, "PRR"),
    ]
    draft = drafted(lists, xlsx(rows), name="bip.xlsx")
    assert [row.code for row in draft.rows if row.nik] == ["SENT_FOR_CARD_PRINTING", "PRR"]
    assert meanings(draft) == [M.SKIPPED, M.NEW, M.SKIPPED, M.NEW, M.REFUSED]


def test_a_status_that_nobody_can_read_is_refused(kit: Kit, lists: ImportStatuses) -> None:
    long = "X" * (CODE_LIMIT + 1)
    draft = drafted(lists, csv(f"{NIKS[0]};{long}", *(f"{nik};PRR" for nik in NIKS[1:6])))
    assert (draft.rows[1].meaning, draft.rows[1].why) == (M.REFUSED, "siak.code_unreadable")


def test_without_an_activity_the_lists_of_who_stands_in_the_file_count(kit: Kit, lists: ImportStatuses) -> None:
    file = lists.read("prr.csv", csv(f"{NIKS[0]};PRR"))
    draft = lists.preview("", file, file.layout, TODAY)
    assert len(draft.missing) == len(TARGETS) - 1
    stranger = lists.read("prr.csv", csv(f"{STRANGER};PRR"))
    assert lists.preview("", stranger, stranger.layout, TODAY).missing == ()


def test_who_has_no_nik_yet_is_missing_in_no_list(tmp_path: Path) -> None:
    nameless = replace(DIMAS, biodata=replace(DIMAS.biodata, nik=Nik.provisional("K07", 1)))
    with Kit(tmp_path, KASI) as kit:
        kit.plan(MISINEM, KARTONO, nameless)
        draft = drafted(kit.context.office.status_lists, csv(f"{NIKS[0]};PRR"))
    assert [person.name for person in draft.missing] == [KARTONO.biodata.name]


def test_of_two_records_the_last_one_hears_it(kit: Kit, lists: ImportStatuses) -> None:
    first, last = kit.seal(1, MISINEM), kit.seal(2, MISINEM)
    kit.clock.advance(hours=1)
    draft = drafted(lists, csv(f"{NIKS[0]};PRR"))
    lists.take_over(draft)
    told = [kit.context.office.statuses.get(record).central for record in (first, last)]
    assert [said is not None for said in told] == [False, True]


def test_who_records_takes_nothing_over(tmp_path: Path) -> None:
    with Kit(tmp_path, PETUGAS) as kit:
        kit.plan(*TARGETS)
        lists = kit.context.office.status_lists
        draft = drafted(lists, csv(f"{NIKS[0]};PRR"))
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            lists.take_over(draft)
        assert draft.file.layout.has(Field.STATUS)
        with kit.store.read() as unit:
            assert unit.repository(StatusList).search() == []
