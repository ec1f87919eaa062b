from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from support.clock import HandClock
from support.kits import Told, contents, make_kit, opened_store, seal_into, sticks_of
from support.pairs import KIT
from support.room import PETUGAS

from fieldkit.app.bootstrap import stick_backups
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.stick_backups import STATEMENT, SettingsCopy, backups_on, verify_backup
from fieldkit.domain.errors import InputError, KnownError, RuleError, StoreError
from fieldkit.domain.recording.exceptions import SignedAct
from fieldkit.media import carried_files
from fieldkit.media.place import Place
from fieldkit.ports.exchange import StickBackup
from fieldkit.storage.reserve import RESERVE, Reserve
from sync.protocol.down import read_vouch


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_kit(tmp_path / "home")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


def make(home: Home, stick: Path, clock: HandClock | None = None, *proven: str) -> StickBackup:
    return sticks_of(home, clock or HandClock()).back_up(str(stick), proven, Told(), Told())


def test_everything_that_is_needed_elsewhere_is_on_the_stick(home: Home, stick: Path) -> None:
    sent, waiting = seal_into(home, 1), seal_into(home, 2)
    (home.path / "sessions").mkdir()
    (home.path / "sessions" / "s-1.journal").write_bytes(b"open recording")
    (home.path / "sop").mkdir()
    (home.path / "sop" / "lapangan (baru).yaml").write_text("sop")
    (home.path / "enrolment.sealed").write_bytes(b"closed")
    (home.path / "devices.toml").write_text("")
    with opened_store(home):  # the program is running while it is made
        made = make(home, stick, None, sent)
    folder = Path(made.folder)
    assert folder.parent == stick / "fieldkit" / KIT
    found = contents(folder)
    own = {name: content for name, content in contents(home.path).items() if sent not in name and name[:4] != "kit."}
    del own["devices.toml"]  # it names programs: no stick carries it
    assert {name: content for name, content in found.items() if name not in (STATEMENT, "kit.db")} == own
    assert f"sealed/{waiting}.manifest" in found
    read = verify_backup(Place(folder))
    assert (read.stated.kit, read.stated.records, read.stated.made_by) == (KIT, 1, PETUGAS.user_id)
    assert {file.name for file in read.stated.files} == set(found) - {STATEMENT}
    assert read.told(Place(folder)) == made
    copy = Home(stick / "copy")
    copy.path.mkdir()
    shutil.copy(folder / "kit.db", copy.database)
    with opened_store(copy) as store, store.read() as unit:
        assert set(unit.records.with_ids([sent, waiting])) == {sent, waiting}


def test_two_older_ones_are_kept_and_go_only_after_the_new_one(
    home: Home, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    made = []
    for _ in range(5):
        made.append(Path(make(home, stick, clock).folder))
        clock.at += timedelta(hours=1)
    assert [each.path for each in backups_on(Place(stick))] == made[2:]
    make(home, stick, clock)
    same_second = make(home, stick, clock)
    assert Path(same_second.folder).name.endswith("-2")
    before = [each.path for each in backups_on(Place(stick))]

    def fail(*_: object) -> None:
        raise StoreError("stick.failed", where="kit.db", detail="Input/output error")

    monkeypatch.setattr(stick_backups, "carry_file", fail)
    with pytest.raises(StoreError):
        make(home, stick, clock)
    assert [each.path for each in backups_on(Place(stick))] == before
    assert not list(stick.rglob("*.part"))


def test_backups_of_other_kits_stay(home: Home, stick: Path, tmp_path: Path) -> None:
    other = make_kit(tmp_path / "other", "K02")
    theirs = sticks_of(other, HandClock(), kit="K02").back_up(str(stick), (), Told(), Told())
    clock = HandClock()
    for _ in range(5):
        make(home, stick, clock)
        clock.at += timedelta(hours=1)
    assert Path(theirs.folder) in [each.path for each in backups_on(Place(stick))]


def test_what_a_kill_left_is_taken_away(home: Home, stick: Path) -> None:
    left = stick / "fieldkit" / KIT / "backup-20260101T000000Z.part"
    left.mkdir(parents=True)
    (left / STATEMENT).write_text("{}")
    assert [each.path for each in backups_on(Place(stick))] == []
    make(home, stick)
    assert not left.exists()


def test_progress_grows_to_the_whole_and_may_be_given_up(home: Home, stick: Path) -> None:
    seal_into(home, 1, b"x" * 3_000_000)
    told = Told()
    sticks_of(home, HandClock()).back_up(str(stick), (), told, told)
    done = [progress.done_bytes for progress in told.heard]
    assert done == sorted(done)
    assert told.heard[-1].done_bytes >= told.heard[-1].total_bytes * 9 // 10
    before = contents(stick)
    with pytest.raises(RuleError) as caught:
        sticks_of(home, HandClock()).back_up(str(stick), (), Told(), Told(patience=3))
    assert caught.value.code == "backup.stopped"
    assert contents(stick) == before


@pytest.mark.parametrize("code", ["stick.not_there", "stick.same_place", "stick.full"])
def test_places_that_do_not_take_it(home: Home, stick: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = {"stick.not_there": stick / "gone", "stick.same_place": home.sealed}.get(code, stick)
    if code == "stick.full":
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    with pytest.raises(KnownError) as caught:
        make(home, place)
    assert caught.value.code == code
    assert list(stick.iterdir()) == []
    with pytest.raises(InputError):
        sticks_of(home, HandClock()).back_up("  ", (), Told(), Told())


@pytest.mark.parametrize(
    ("disk", "missing", "is_made"), [("own", 500_000, True), ("own", 3_000_000, False), ("another", 500_000, False)]
)
def test_the_reserve_gives_way_to_a_backup_on_its_own_disk_that_fits_only_so(
    home: Home, stick: Path, disk: str, missing: int, is_made: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = Reserve(home.path / RESERVE)
    reserve.keep()
    if disk == "another":
        monkeypatch.setattr(stick_backups, "_disk_of", lambda place: hash(place))
    measured = carried_files.demand_room

    def demand_room(folder: Path, files: int, size_bytes: int) -> None:
        free = files * carried_files._CLUSTER + size_bytes - (0 if reserve.is_given_up else missing)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
        measured(folder, files, size_bytes)

    monkeypatch.setattr(stick_backups, "demand_room", demand_room)
    if is_made:
        make(home, stick)
    else:
        with pytest.raises(StoreError, match=r"stick\.full"):
            make(home, stick)
    assert reserve.is_given_up is is_made


def test_a_damaged_store_is_no_backup(home: Home, stick: Path) -> None:
    seal_into(home, 1)
    whole = bytearray(home.database.read_bytes())
    whole[len(whole) // 2] ^= 1
    home.database.write_bytes(whole)
    with pytest.raises(KnownError) as caught:
        make(home, stick)
    assert caught.value.code == "store.damaged"
    assert not list(stick.rglob("*.db"))


def test_single_records_are_carried_with_their_manifests(home: Home, stick: Path) -> None:
    one, _ = seal_into(home, 1), seal_into(home, 2)
    folder = Path(sticks_of(home, HandClock()).carry(str(stick), [one], {}))
    assert sorted(contents(folder)) == [f"{one}.age", f"{one}.manifest"]
    assert (folder / f"{one}.age").read_bytes() == (home.sealed / f"{one}.age").read_bytes()
    with pytest.raises(StoreError) as caught:
        sticks_of(home, HandClock()).carry(str(stick), [one, "0199-gone"], {})
    assert caught.value.code == "store.file_gone"


def test_what_a_team_lead_signed_for_a_record_lies_beside_it(home: Home, stick: Path) -> None:
    one, two = seal_into(home, 1), seal_into(home, 2)
    signed = SignedAct("bagus", "a.b.c", "ZGVy")
    folder = Path(sticks_of(home, HandClock()).carry(str(stick), [one], {one: signed, two: signed}))
    assert sorted(contents(folder)) == [f"{one}.age", f"{one}.manifest", f"{one}.vouch"]
    vouch = read_vouch((folder / f"{one}.vouch").read_bytes(), one)
    assert (vouch.signature, vouch.certificate) == ("a.b.c", b"der")


def test_sticks_that_are_plugged_in(home: Home, stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def part(place: str, opts: str = "rw") -> SimpleNamespace:
        return SimpleNamespace(mountpoint=place, opts=opts)

    parts = [part("/"), part("/media/rina/HILANG"), part(str(stick), "rw,removable"), part("/cd", "removable,cdrom")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda: parts)
    drives = sticks_of(home, HandClock()).drives()
    assert [drive.place for drive in drives] == sorted(("/media/rina/HILANG", str(stick)))
    by_place = {drive.place: drive for drive in drives}
    gone, found = by_place["/media/rina/HILANG"], by_place[str(stick)]
    assert (gone.name, gone.free_bytes, gone.backup_at) == ("HILANG", None, None)
    assert found.backup_at is None
    assert found.free_bytes
    made = make(home, stick)
    assert {drive.place: drive.backup_at for drive in sticks_of(home, HandClock()).drives()}[str(stick)] == made.made_at


KEY = bytes(range(32))
SETTINGS = KitSettings(
    kit_id="K01",
    gateway_url="https://gateway",
    gateway_name="gateway",
    kit_private=b"private key",
    kit_certificate=b"kit",
    ca_certificate=b"ca",
    receipt_public_key=b"receipt",
    age_recipients=("age1pq1",),
    nik_key=b"n" * 32,
    profile={"dinas": "Dinas Uji"},
)


def test_settings_come_back_with_the_key_of_the_store_only(tmp_path: Path) -> None:
    path = tmp_path / "enrolment.sealed"
    copy = SettingsCopy(path, KEY)
    assert copy.read() is None
    copy.keep(SETTINGS)
    assert copy.read() == SETTINGS
    assert SettingsCopy(path, bytes(32)).read() is None
    assert b"private key" not in path.read_bytes()
    path.write_bytes(path.read_bytes()[:-1])
    assert copy.read() is None


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    path = tmp_path / "enrolment.sealed"
    copy = SettingsCopy(path, KEY)
    copy.keep(SETTINGS)
    written = path.read_bytes()
    copy.keep(SETTINGS)
    assert path.read_bytes() == written
    copy.keep(SETTINGS.model_copy(update={"gateway_name": "other"}))
    assert copy.read() != SETTINGS
    assert [each.name for each in tmp_path.iterdir()] == ["enrolment.sealed"]


def test_a_folder_that_takes_nothing_keeps_nobody_out(tmp_path: Path) -> None:
    SettingsCopy(tmp_path / "missing" / "enrolment.sealed", KEY).keep(SETTINGS)
