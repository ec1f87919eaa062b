from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, TARGETS, Kit
from support.plans import KASI

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.delivery import TYPED_FROM_SIAK
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import Nik
from fieldkit.domain.status_lists import SeenStatuses
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.services.nik_lists import HEADS, TROUBLE_HEADS, ListByNik

NIKS = [target.biodata.nik.digits for target in TARGETS]
IDS = [target.target_id for target in TARGETS]
AT = ACTIVITY.activity_id
ID = strict_catalogue("id")


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


@pytest.fixture
def lists(kit: Kit) -> ListByNik:
    return kit.context.office.nik_lists


def codes(lists: ListByNik) -> dict[str, list[str]]:
    return {line.nik: [said.code for said in line.statuses] for line in lists.people(AT) if line.statuses}


def events(kit: Kit, kind: str) -> list[dict[str, object]]:
    with kit.store.read() as unit:
        return [json.loads(event.payload) for event in unit.events.all() if event.kind == kind]


def test_a_status_is_typed_for_many_with_a_record_and_without(kit: Kit, lists: ListByNik) -> None:
    record = kit.seal(1, TARGETS[0])
    done = lists.type_status(IDS[:3], " prr ", None, "layar SIAK")
    assert (done.noted, codes(lists)) == (3, {nik: ["PRR"] for nik in NIKS[:3]})
    first, second = lists.people(AT)[:2]
    assert (first.record_id, second.record_id) == (record, "")
    assert second.central is not None
    assert (second.central.source, second.central.reason) == (TYPED_FROM_SIAK, "layar SIAK")
    with kit.store.read() as unit:
        assert sorted(each.thing_id for each in unit.repository(SeenStatuses).search()) == IDS[1:3]
    assert set(lists.seen([IDS[0], IDS[1], IDS[3]])) == {IDS[0], IDS[1], IDS[3]}
    assert [said.code for said in lists.seen([IDS[1]])[IDS[1]]] == ["PRR"]
    (told,) = events(kit, "statuses_typed")
    assert (told["code"], told["count"]) == ("PRINT_READY_RECORD", 3)


def test_somebody_without_a_nik_cannot_be_looked_up(kit: Kit, lists: ListByNik) -> None:
    nobody = replace(TARGETS[6], biodata=replace(TARGETS[6].biodata, nik=Nik.provisional("KIT-07", 1)))
    with kit.store.write() as unit:
        unit.targets.save([nobody])
    assert [line.nik for line in lists.people(AT)] == NIKS[:6]


def test_what_does_not_follow_is_kept_and_counted_and_the_same_twice_is_refused(kit: Kit, lists: ListByNik) -> None:
    at = kit.clock.now() - timedelta(hours=1)
    lists.type_status(IDS[:2], "CARD_ISSUED", at)
    with pytest.raises(RuleError, match=r"siak\.nothing_new"):
        lists.type_status(IDS[:2], "CARD_ISSUED", at)
    assert lists.type_status(IDS[:3], "SFE").doubtful == 2
    for code, wrong in ((" ", "status.no_code"), ("X" * 99, "status.code_unreadable")):
        with pytest.raises(InputError, match=wrong.replace(".", r"\.")):
            lists.type_status(IDS[:1], code)
    with pytest.raises(InputError, match=r"status\.future"):
        lists.type_status(IDS[:1], "PRR", kit.clock.now() + timedelta(minutes=1))


def test_numbers_that_were_copied_are_known_with_their_time(kit: Kit, lists: ListByNik) -> None:
    lists.copied(IDS[:2])
    kit.clock.advance(hours=1)
    lists.copied(IDS[1:3])
    times = [line.copied_at for line in lists.people(AT)[:4]]
    assert times == [kit.clock.now() - timedelta(hours=1), kit.clock.now(), kit.clock.now(), None]
    assert [each["count"] for each in events(kit, "niks_copied")] == [2, 2]


def test_sheets_bear_the_heads_of_siak_and_every_number_as_text(kit: Kit, lists: ListByNik) -> None:
    lists.type_status(IDS[:1], "DUPLICATE", None, "=HYPERLINK(1)")
    reader = SpreadsheetFiles()
    for name, content in (lists.xlsx(AT, ID), lists.csv(AT)):
        (sheet,) = reader.read(name, content)
        head, *rows = [row.cells for row in sheet.rows]
        assert tuple(head) == HEADS
        first = dict(zip(HEADS, rows[0], strict=False))
        assert [str(row[0]).strip('="') for row in rows[: len(NIKS)]] == NIKS
        assert str(first["NO_KK"]).strip('="') == TARGETS[0].biodata.no_kk.digits
        assert (first["NAMA_LGKP"], first["CURRENT_STATUS_CODE"]) == (TARGETS[0].biodata.name, "DUPLICATE_RECORD")
        assert str(first["KETERANGAN"]).lstrip("'") == "=HYPERLINK(1)"
    text = lists.csv(AT)[1].decode("utf-8-sig")
    assert f'="{NIKS[0]}"'.replace('"', '""') in text
    assert "'=HYPERLINK" in text
    assert [(each["format"], each["count"]) for each in events(kit, "niks_exported")[:2]] == [
        ("xlsx", len(NIKS)),
        ("csv", len(NIKS)),
    ]


def test_the_trouble_list_names_who_must_be_mended(kit: Kit, lists: ListByNik) -> None:
    with pytest.raises(RuleError, match=r"siak\.no_trouble"):
        lists.troubles(AT, ID)
    kit.seal(1, TARGETS[0])
    lists.type_status(IDS[:2], "DUPLICATE", None, "NIK lain")
    lists.type_status(IDS[2:3], "PRR")
    (sheet,) = SpreadsheetFiles().read(*lists.troubles(AT, ID))
    head, *rows = [row.cells for row in sheet.rows]
    assert tuple(head) == TROUBLE_HEADS
    assert [(row[0], row[1], row[3]) for row in rows[:2]] == [
        ("1", NIKS[0], "DUPLICATE_RECORD"),
        ("2", NIKS[1], "DUPLICATE_RECORD"),
    ]
    today = kit.clock.today().strftime("%d-%m-%Y")
    assert [(row[4], row[5], row[6]) for row in rows[:2]] == [(today, today, "NIK lain"), (today, None, "NIK lain")]


def test_nobody_with_a_nik_gives_no_sheet(tmp_path: Path) -> None:
    with Kit(tmp_path, KASI) as kit:
        lists = kit.context.office.nik_lists
        assert lists.people() == []
        with pytest.raises(RuleError, match=r"siak\.nobody"):
            lists.csv("")
