from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from support.clock import NOW, HandClock
from support.laptops import team
from support.room import KIT

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.domain.errors import InputError, StoreError
from fieldkit.domain.office_bundles import BundleKind, OfferedProgram, OfficeBundle
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import ModePerekaman, Target, TargetState
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.targets.sheets import TargetList
from fieldkit.formats.rules import is_known_region
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.ports.store import Unit
from fieldkit.services.office_bundles import (
    Applying,
    OfficeTools,
    SentList,
    TakeBundles,
    content_in,
    disabled_in,
    keep_disabled,
    keep_listed,
    keep_offered,
    keep_revoked,
    listed_in,
    offered_in,
    read_list,
    revoked_in,
    shut_out,
    standings_in,
    take_list,
)
from fieldkit.storage.store import SqlStore, open_store
from fieldkit.storage.unit import SqlUnit


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    clock = HandClock()
    opened = open_store(tmp_path / "kit.db", bytes(32), KIT, clock, UuidV7(clock))
    yield opened
    opened.close()


def test_a_kit_that_heard_nothing_shuts_nobody_out(store: SqlStore) -> None:
    with store.read() as unit:
        assert standings_in(unit) == ()
        assert (revoked_in(unit), disabled_in(unit)) == (frozenset(), frozenset())
        assert shut_out(unit, "rina", 1, 2) is None


def test_the_word_of_the_office_goes_before_that_of_the_team(store: SqlStore) -> None:
    of_team, of_office = User("rina", "Rina", Role.LOKET), User("rina", "Rina W", Role.KETUA_TIM)
    sri = User("sri", "Sri", Role.KASI)
    with store.write() as unit:
        assert listed_in(unit) == ()
        keep_listed(unit, BundleKind.ACCOUNTS, [of_team, sri])
        keep_listed(unit, BundleKind.USERS, [of_office])
        assert listed_in(unit) == (of_office, sri)
        keep_disabled(unit, ["sri"])
        assert listed_in(unit) == (of_office,)


def test_who_is_shut_out_hears_why(store: SqlStore) -> None:
    with store.write() as unit:
        keep_revoked(unit, {"ff": "2026-11-21T00:00:00+00:00"})
        keep_disabled(unit, ["bagus"])
    with store.read() as unit:
        told = [shut_out(unit, *who) for who in (("rina", 255, 2), ("rina", 1, 255), ("bagus", 1, 2), ("rina", 1, 2))]
    assert [each.code if each else "" for each in told] == [
        "office.kit_revoked",
        "office.user_disabled",
        "office.user_disabled",
        "",
    ]


def test_the_program_that_the_office_wants_is_known_by_its_package(store: SqlStore) -> None:
    offered = OfferedProgram(**dict.fromkeys(OfferedProgram.__slots__, "1"))
    with store.write() as unit:
        keep_offered(unit, "windows", offered)
        assert (offered_in(unit, "windows"), offered_in(unit, "debian")) == (offered, None)


CHECKED = 6  # the last place of a kill: between staging and applying


class Killed(BaseException):
    """The program stops here."""


def check(content: bytes) -> Applying:
    """Take what says it is good; "late" fails when it is applied, "full" when the disk is."""
    if content.startswith(b"bad"):
        raise InputError("rules.policy", file="-", errors=1)
    if content.startswith(b"kill"):
        raise Killed

    def apply(unit: Unit, _bundle: OfficeBundle) -> None:
        unit.settings.put("applied", content.decode())
        if content.startswith(b"late"):
            raise InputError("office.content")
        if content.startswith(b"full"):
            raise StoreError("store.disk_full")

    return apply


def taking(store: SqlStore) -> TakeBundles:
    tools = OfficeTools(KIT, "gateway-1", lambda sealed: sealed[::-1], dict.fromkeys(BundleKind, check))
    return TakeBundles(store, tools, HandClock())


def bundle(content: bytes, version: int = 1) -> OfficeBundle:
    digest = sha256(content).hexdigest()
    return OfficeBundle(BundleKind.POLICY, "", version, NOW, "gateway-1", (), digest, len(content), is_sealed=False)


def going_by(store: SqlStore) -> tuple[dict[str, bytes], object]:
    with store.read() as unit:
        return dict(content_in(unit, BundleKind.POLICY)), unit.settings.get("applied")


def test_a_bundle_is_taken_once(store: SqlStore) -> None:
    takes = taking(store)
    standing = takes.take(bundle(b"one"), b"one")
    assert standing is not None
    assert (standing.version, standing.refused, standing.made_at) == (1, 0, NOW)
    assert takes.take(bundle(b"one"), b"one") is None
    assert going_by(store) == ({"": b"one"}, "one")
    assert takes.standings() == (standing,)
    with store.read() as unit:
        assert [event.kind for event in unit.events.of("policy/")] == ["office_applied"]


@pytest.mark.parametrize("content", [b"bad", b"late"])
def test_the_former_stays_when_a_check_fails(store: SqlStore, content: bytes) -> None:
    takes = taking(store)
    takes.take(bundle(b"one"), b"one")
    standing = takes.take(bundle(content, 2), content)
    assert standing is not None
    assert (standing.version, standing.refused, bool(standing.code)) == (1, 2, True)
    assert going_by(store) == ({"": b"one"}, "one")
    assert takes.finish() is None
    better = takes.take(bundle(b"three", 3), b"three")
    assert better is not None
    assert (better.version, better.refused, better.code) == (3, 0, "")


def test_an_older_version_is_refused(store: SqlStore) -> None:
    takes = taking(store)
    takes.take(bundle(b"two", 2), b"two")
    with pytest.raises(InputError, match=r"office.older"):
        takes.take(bundle(b"one", 1), b"one")
    assert going_by(store)[1] == "two"


def test_what_is_tampered_with_or_for_others_is_refused(store: SqlStore) -> None:
    takes = taking(store)
    with pytest.raises(InputError, match=r"office.damaged"):
        takes.take(bundle(b"one"), b"two")
    for other in (replace(bundle(b"one"), kits=("K99",)), replace(bundle(b"one"), gateway="gateway-2")):
        with pytest.raises(InputError, match=r"office.for_others"):
            takes.take(other, b"one")
    assert going_by(store) == ({}, None)
    assert takes.finish() is None


def test_what_is_closed_is_opened_before_it_is_checked(store: SqlStore) -> None:
    closed = b"eno"
    taking(store).take(replace(bundle(closed), is_sealed=True), closed)
    assert going_by(store) == ({"": b"one"}, "one")


@pytest.mark.parametrize("content", [b"kill", b"full"])
def test_what_was_staged_is_ended_later(store: SqlStore, content: bytes) -> None:
    takes = taking(store)
    with pytest.raises((Killed, StoreError)):
        takes.take(bundle(content), content)
    assert going_by(store) == ({}, None)
    assert not takes.standings()
    after = TakeBundles(store, replace(takes._tools, checks=dict.fromkeys(BundleKind, lambda _: _keeps)), HandClock())
    ended = after.finish()
    assert ended is not None
    assert (ended.version, ended.code) == (1, "")
    assert going_by(store)[0] == {"": content}
    assert after.finish() is None


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _takes_and_dies(folder: Path, place: int) -> None:
    """Take the second version in a process of its own; the kernel ends it at a place."""
    clock = HandClock()
    store = open_store(folder / "kit.db", bytes(32), KIT, clock, UuidV7(clock))
    writes, entered = store.write, count()

    @contextmanager
    def write() -> Iterator[SqlUnit]:
        turn = next(entered)
        if place == 3 * turn:
            _die()  # before the transaction: of staging, of applying
        with writes() as unit:
            yield unit
            if place == 3 * turn + 1:
                _die()  # all is said, and nothing is committed
        if place == 3 * turn + 2:
            _die()  # committed

    def checked(content: bytes) -> Applying:
        if place == CHECKED:
            _die()
        return check(content)

    setattr(store, "write", write)  # noqa: B010 - a method
    tools = replace(taking(store)._tools, checks=dict.fromkeys(BundleKind, checked))
    TakeBundles(store, tools, clock).take(bundle(b"two", 2), b"two")


@pytest.mark.parametrize("place", range(CHECKED + 1))
def test_a_kill_leaves_the_former_in_force_and_the_next_run_takes_the_later(tmp_path: Path, place: int) -> None:
    clock = HandClock()
    with closing(open_store(tmp_path / "kit.db", bytes(32), KIT, clock, UuidV7(clock))) as store:
        taking(store).take(bundle(b"one"), b"one")
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_takes_and_dies, args=(tmp_path, place))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with closing(open_store(tmp_path / "kit.db", bytes(32), KIT, clock, UuidV7(clock))) as store:
        applied = b"two" if place == 5 else b"one"
        assert going_by(store) == ({"": applied}, applied.decode())
        takes = taking(store)
        left = takes.finish()
        assert (left is not None) == (place in (2, 3, 4, CHECKED))  # it was staged
        again = takes.take(bundle(b"two", 2), b"two")
        assert (again is not None) == (place in (0, 1))
        assert going_by(store) == ({"": b"two"}, "two")
        with store.read() as unit:
            assert [event.kind for event in unit.events.of("policy/")] == ["office_applied"] * 2


def _keeps(_unit: Unit, _bundle: OfficeBundle) -> None:
    """Apply without a check."""


def test_a_kit_that_is_named_among_others_takes_it(store: SqlStore) -> None:
    standing = taking(store).take(replace(bundle(b"one"), kits=("K99", KIT)), b"one")
    assert standing is not None
    assert standing.code == ""


def test_what_fails_first_leaves_a_kit_that_goes_by_nothing(store: SqlStore) -> None:
    standing = taking(store).take(bundle(b"bad"), b"bad")
    assert standing is not None
    assert (standing.version, standing.made_at, standing.applied_at, standing.refused) == (0, None, None, 1)
    assert taking(store).standings() == (standing,)
    assert going_by(store) == ({}, None)
    with store.read() as unit:
        assert [event.kind for event in unit.events.of("policy/")] == ["office_refused"]


def test_each_kind_stands_in_its_order_and_some_are_read_again(store: SqlStore) -> None:
    takes = taking(store)
    kinds = [*reversed(BundleKind)]
    for kind in kinds:
        for name in ("b", "a"):
            takes.take(replace(bundle(b"one"), kind=kind, name=name), b"one")
    assert [(each.kind, each.name) for each in takes.standings()] == [
        (kind, name) for kind in BundleKind for name in ("a", "b")
    ]
    with store.read() as unit:
        kept = {kind for kind in BundleKind if set(content_in(unit, kind)) == {"a", "b"}}
        stored = {kind for kind in BundleKind if unit.settings.get(f"office.content:{kind.value}/a") is not None}
        assert len(standings_in(unit)) == 2 * len(kinds)
    assert stored == {
        BundleKind.REVOCATIONS,
        BundleKind.USERS,
        BundleKind.POLICY,
        BundleKind.TABLES,
        BundleKind.SOP,
    }
    assert stored <= kept


HEAD = "NIK,NAMA LENGKAP,TEMPAT LAHIR,TANGGAL LAHIR,JENIS KELAMIN,ALAMAT,RT,RW,DESA,KECAMATAN,NO HP\n"
MISINEM = "3505125503480003,MISINEM,BLITAR,15-03-1948,PEREMPUAN,DUSUN KRAJAN,1,2,JIMBE,KADEMANGAN,08123456789\n"
KARTO = "3505121203500001,KARTO,BLITAR,12-03-1950,LAKI-LAKI,DUSUN KRAJAN,1,2,JIMBE,KADEMANGAN,\n"
BUNDLE = OfficeBundle(BundleKind.TARGETS, "jimbe", 1, NOW, "gateway-1", (KIT,), "", 0, is_sealed=True)


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


@pytest.mark.days
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
