from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.clock import NOW, HandClock
from support.laptops import team
from support.room import KIT

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.domain.errors import InputError
from fieldkit.domain.office_bundles import BundleKind, OfficeBundle
from fieldkit.domain.planning.outreach import ModePerekaman, Target, TargetState
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.domain.targets.sheets import TargetList
from fieldkit.formats.rules import is_known_region
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.services.office_bundles.take_targets import SentList, read_list, take_list
from fieldkit.storage.store import SqlStore, open_store

HEAD = "NIK,NAMA LENGKAP,TEMPAT LAHIR,TANGGAL LAHIR,JENIS KELAMIN,ALAMAT,RT,RW,DESA,KECAMATAN,NO HP\n"
MISINEM = "3505125503480003,MISINEM,BLITAR,15-03-1948,PEREMPUAN,DUSUN KRAJAN,1,2,JIMBE,KADEMANGAN,08123456789\n"
KARTO = "3505121203500001,KARTO,BLITAR,12-03-1950,LAKI-LAKI,DUSUN KRAJAN,1,2,JIMBE,KADEMANGAN,\n"
BUNDLE = OfficeBundle(BundleKind.TARGETS, "jimbe", 1, NOW, "gateway-1", (KIT,), "", 0, is_sealed=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    clock = HandClock()
    opened = open_store(tmp_path / "kit.db", bytes(32), KIT, clock, UuidV7(clock))
    yield opened
    opened.close()


def sent(*rows: str, name: str = "Jemput bola") -> SentList:
    content = (HEAD + "".join(rows)).encode()
    return SentList(name, "Desa Jimbe", date(2026, 12, 1), ModePerekaman.LURING, "jimbe.csv", content)


def taken(store: SqlStore, which: SentList, bundle: OfficeBundle = BUNDLE) -> list[Target]:
    draft = read_list(which, SpreadsheetFiles(), is_known_region)
    with store.write() as unit:
        take_list(unit, bundle, which, draft)
        (activity,) = unit.activities.all()
        return list(unit.targets.search(activity.activity_id))


def test_a_list_comes_with_its_activity(store: SqlStore) -> None:
    (misinem,) = taken(store, sent(MISINEM))
    with store.read() as unit:
        (activity,) = unit.activities.all()
        (kept,) = unit.repository(TargetList).of(activity.activity_id)
        assert (activity.name, activity.place, activity.on) == ("Jemput bola", "Desa Jimbe", date(2026, 12, 1))
        assert unit.repository(TargetNotes).get(misinem.target_id).contact == "08123456789"
        assert [file.name for file in unit.attachments.of(kept.thing_id)] == ["jimbe.csv"]
    assert (misinem.name, misinem.house, kept.accepted) == ("MISINEM", 1, 1)


def test_a_later_version_adds_people_and_leaves_what_was_done(store: SqlStore) -> None:
    (misinem,) = taken(store, sent(MISINEM))
    with store.write() as unit:
        unit.targets.mark(misinem.target_id, TargetState.RECORDED)
    both = taken(store, sent(KARTO, MISINEM, name="Jemput bola kedua"), replace(BUNDLE, version=2))
    assert [(each.name, each.house, each.state) for each in both] == [
        ("MISINEM", 1, TargetState.RECORDED),
        ("KARTO", 2, TargetState.PLANNED),
    ]
    with store.read() as unit:
        assert [activity.name for activity in unit.activities.all()] == ["Jemput bola kedua"]


def test_laptops_with_one_list_mean_the_same_people(store: SqlStore, tmp_path: Path) -> None:
    clock = HandClock()
    (tmp_path / "other").mkdir()
    other = open_store(tmp_path / "other" / "kit.db", bytes(32), "K02", clock, UuidV7(clock))
    try:
        assert taken(other, sent(KARTO)) == taken(store, sent(KARTO))
    finally:
        other.close()


@pytest.mark.parametrize(
    ("which", "code"),
    [
        (replace(sent(), content=b"no list at all"), "list"),
        (sent("1,NOBODY,X,01-01-1950,PEREMPUAN,X,1,2,JIMBE,KADEMANGAN,\n"), "office.nobody_on_list"),
        (replace(sent(), content=b"NAMA LENGKAP,TANGGAL LAHIR\nMISINEM,15-03-1948\n"), "list.no_nik_column"),
    ],
)
def test_what_is_no_list_is_refused(which: SentList, code: str) -> None:
    with pytest.raises(InputError) as error:
        read_list(which, SpreadsheetFiles(), is_known_region)
    assert error.value.code.startswith(code)


def test_what_one_laptop_did_on_a_list_that_both_got_needs_no_person(tmp_path: Path) -> None:
    one, other = team(tmp_path, "AB")
    draft = read_list(sent(MISINEM, KARTO), SpreadsheetFiles(), is_known_region)
    try:
        which = replace(sent(MISINEM, KARTO), name="Dari kantor")
        for laptop in (one, other):
            with laptop.store.write() as unit:
                take_list(unit, BUNDLE, which, draft)
        with one.store.write() as unit:
            (activity,) = [each for each in unit.activities.all() if each.name == "Dari kantor"]
            (misinem, _) = unit.targets.search(activity.activity_id)
            unit.targets.mark(misinem.target_id, TargetState.RECORDED)
        assert [each.conflicts for each in (*other.tell(one), *one.tell(other))] == [0, 0]
        with other.store.read() as unit:
            assert unit.targets.get(misinem.target_id).state is TargetState.RECORDED
    finally:
        one.store.close()
        other.store.close()


def test_somebody_on_another_list_is_on_this_one_too_and_the_activity_keeps_what_it_has(store: SqlStore) -> None:
    draft = read_list(sent(MISINEM), SpreadsheetFiles(), is_known_region)
    with store.write() as unit:
        take_list(unit, replace(BUNDLE, name="lain"), sent(MISINEM), draft)
        (other,) = unit.activities.all()
        unit.activities.save(replace(other, surat_tugas="800/7"))
        take_list(unit, replace(BUNDLE, name="lain", version=2), sent(MISINEM), draft)
        assert unit.activities.get(other.activity_id).surat_tugas == "800/7"
        take_list(unit, BUNDLE, sent(MISINEM), draft)
        (mine,) = [each for each in unit.activities.all() if each.activity_id != other.activity_id]
        lists = [unit.targets.search(each.activity_id) for each in (mine, other)]
        assert [[target.name for target in each] for each in lists] == [["MISINEM"]] * 2
