from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from support.clock import HandClock
from support.pairs import KIT, lay_home, lay_pair

from fieldkit.app.bootstrap import rescue as rescuing
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.rescue import REPORT, Rescued, kit_of_slots, rescue
from fieldkit.domain.errors import InputError, KnownError, StoreError
from fieldkit.media.carried_files import CarriedFile
from fieldkit.media.place import Place
from fieldkit.storage.home_lock import HomeLock
from fieldkit.vault import slot_file
from fieldkit.vault.slot_file import SlotFile


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


def run(home: Home, stick: Path) -> Rescued:
    return rescue(home, stick, HandClock())


def on_stick(done: Rescued) -> list[str]:
    return sorted(str(path.relative_to(done.folder.path)) for path in done.folder.path.rglob("*") if path.is_file())


def test_every_pair_comes_over_and_the_report_says_what(home: Home, stick: Path) -> None:
    ids = sorted(lay_home(home.path))
    aside = lay_pair(home.sealed / "aside", b"fits nothing")
    done = run(home, stick)
    assert done.kit == KIT
    assert done.folder.path.parent == stick / "fieldkit" / KIT
    wanted = [name for each in sorted([*ids, aside]) for name in (f"{each}.age", f"{each}.manifest")]
    assert on_stick(done) == sorted([*wanted, REPORT])
    report = json.loads((done.folder / REPORT).path.read_text())
    assert [record["record_id"] for record in report["records"]] == sorted([*ids, aside])
    for record in report["records"]:
        content = (done.folder / f"{record['record_id']}.age").path.read_bytes()
        assert (record["size_bytes"], record["sha256"]) == (len(content), sha256(content).hexdigest())
    assert (report["kit"], report["unreadable"], report["without_manifest"]) == (KIT, [], [])
    assert done.size_bytes == sum(record["size_bytes"] for record in report["records"])


def test_nothing_else_of_the_home_is_needed(home: Home, stick: Path) -> None:
    ids = lay_home(home.path)
    for name in ("keyslots.json", "kit.db"):
        (home.path / name).unlink()
    assert set(run(home, stick).whole) == set(ids)


def test_a_home_from_before_the_manifests_comes_over_too(home: Home, stick: Path) -> None:
    ids = lay_home(home.path)
    for manifest in home.sealed.glob("*.manifest"):
        manifest.unlink()
    done = run(home, stick)
    assert (set(done.whole), set(done.without_manifest), done.kit) == (set(ids), set(ids), KIT)


def test_what_is_not_as_stated_is_set_apart(home: Home, stick: Path) -> None:
    rotten, broken, whole = lay_home(home.path)
    file = home.sealed / f"{rotten}.age"
    file.write_bytes(b"rot" + file.read_bytes()[3:])
    text = home.sealed / f"{broken}.manifest"
    text.write_bytes(text.read_bytes()[:-200])
    done = run(home, stick)
    assert (done.damaged, done.without_manifest, done.is_all) == ([rotten], [broken], False)
    assert set(done.whole) == {broken, whole}
    assert (done.folder / "damaged" / f"{rotten}.age").path.read_bytes() == file.read_bytes()
    assert (done.folder / "damaged" / f"{broken}.manifest").path.read_bytes() == text.read_bytes()
    assert not (done.folder / f"{rotten}.manifest").exists()


def test_a_manifest_of_another_record_proves_nothing(home: Home, stick: Path) -> None:
    one, other, _ = lay_home(home.path)
    shutil.copy(home.sealed / f"{one}.manifest", home.sealed / f"{other}.manifest")
    assert run(home, stick).without_manifest == [other]


def test_a_file_that_cannot_be_read_is_named_and_the_rest_goes_on(
    home: Home, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, *others = lay_home(home.path)
    honest = rescuing.carry_file

    def failing(source: Place, target: Place) -> CarriedFile:
        if source.name == f"{gone}.age":
            raise StoreError("stick.unreadable", file=str(source), detail="Input/output error")
        return honest(source, target)

    monkeypatch.setattr(rescuing, "carry_file", failing)
    done = run(home, stick)
    assert (set(done.whole), done.unreadable, done.is_all) == (set(others), [f"{gone}.age"], False)


def test_a_rescue_that_was_cut_off_is_gone_on_with(home: Home, stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_home(home.path)
    first = run(home, stick)
    (first.folder.path / REPORT).unlink()
    lost = sorted(first.folder.path.glob("*.age"))[0]
    lost.write_bytes(b"half")
    (first.folder.path / ".0123456789abcdef.part").write_bytes(b"left by a kill")
    carried: list[str] = []
    honest = rescuing.carry_file

    def noted(source: Place, target: Place) -> CarriedFile:
        carried.append(target.name)
        return honest(source, target)

    monkeypatch.setattr(rescuing, "carry_file", noted)
    again = run(home, stick)
    assert again.folder == first.folder
    assert carried == [f"{lost.stem}.manifest", lost.name]
    assert again.whole == first.whole
    assert not list(again.folder.path.glob("*.part"))


def test_a_running_program_keeps_its_home(home: Home, stick: Path) -> None:
    lay_home(home.path)
    lock = HomeLock(home.lock)
    with pytest.raises(StoreError) as caught:
        run(home, stick)
    assert caught.value.code == "store.in_use"
    lock.release()
    run(home, stick)
    assert not (home.path / ".lock").exists()  # nothing is written to a dying disk


def test_a_folder_that_is_not_there_is_made_beside_others(home: Home, stick: Path) -> None:
    ids = lay_home(home.path)
    done = run(home, stick / "Laptop Rina")
    assert sorted(done.whole) == sorted(ids)
    assert done.folder.path.parent == stick / "Laptop Rina" / "fieldkit" / KIT
    (stick / "a file").write_text("")
    with pytest.raises(InputError, match=r"stick\.not_there"):
        run(home, stick / "a file")


@pytest.mark.parametrize("code", ["rescue.nothing", "stick.not_there", "stick.same_place"])
def test_places_that_are_none(home: Home, stick: Path, code: str) -> None:
    if code != "rescue.nothing":
        lay_home(home.path)
    out = {"stick.not_there": stick / "gone" / "deeper", "stick.same_place": home.sealed}.get(code, stick)
    with pytest.raises(InputError) as caught:
        run(home, out)
    assert caught.value.code == code
    assert list(stick.iterdir()) == []


def test_a_stick_that_is_too_small_gets_nothing(home: Home, stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_home(home.path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1_000}))
    with pytest.raises(KnownError) as caught:
        run(home, stick)
    assert caught.value.code == "stick.full"
    assert list(stick.iterdir()) == []


def test_the_kit_is_named_by_any_whole_copy_of_its_slots(tmp_path: Path) -> None:
    assert kit_of_slots(Place(tmp_path)) == ""
    (tmp_path / "keyslots.copy.json").write_text("{half")
    assert kit_of_slots(Place(tmp_path)) == ""
    for kit, named in (("../../etc", ""), ("K-01", "K-01")):
        slots = slot_file.to_bytes(SlotFile(kit, ("00" * 8,), b"", generation=1))
        (tmp_path / "keyslots.json").write_bytes(slots)
        assert kit_of_slots(Place(tmp_path)) == named
