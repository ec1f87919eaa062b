"""One transaction carries all repositories."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.durable import DiskLog
from support.kept import NOW, activity, open_kit, sample, session, target
from support.older_stores import older_journal

from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.ports.store import Store, Unit
from fieldkit.storage import mappers
from fieldkit.storage.session_journal import SessionJournals
from fieldkit.storage.store import SqlStore
from fieldkit.storage.unit import rebuild
from fieldkit.vault.derived import DerivedCipher


def test_store_and_unit_fit_their_ports(store: SqlStore) -> None:
    port: Store = store
    with port.read() as unit:
        reading: Unit = unit
        assert reading.users() == []


def test_a_unit_makes_what_it_is_asked_for_once(store: SqlStore) -> None:
    with store.read() as unit:
        assert not {"settings", "events", "targets"} & set(vars(unit))
        assert unit.settings is unit.settings
        assert "targets" not in vars(unit)


def save_everything(unit: Unit) -> None:
    unit.activities.save(activity("act-2"))
    unit.targets.save([target(activity_id="act-2")])
    unit.sessions.save(session())
    unit.save_user(User("u", "Name", Role.KASI))
    unit.settings.put("a", 1)
    unit.events.append("kind", "thing", {}, "u", NOW)
    raise KeyError


def test_all_of_a_block_or_nothing(store: SqlStore) -> None:
    with pytest.raises(KeyError), store.write() as unit:
        save_everything(unit)
    with store.read() as unit:
        assert [a.activity_id for a in unit.activities.all()] == ["act-1"]
        assert unit.targets.search("act-2") == []
        assert unit.sessions.unfinished() == []
        assert unit.users() == []
        assert unit.settings.get("a") is None
        assert unit.events.verify() == (1, None)  # the fixture's own


def test_only_erasing_asks_for_wiping(store: SqlStore) -> None:
    with store.write() as unit:
        unit.sessions.save(session())
        assert not unit.has_erased
        unit.sessions.erase("session-1")
        assert unit.has_erased


def journals(home: Path) -> SessionJournals:
    return SessionJournals(home / "sessions", DerivedCipher(b"k" * 32, "journal"))


def opened(home: Path, ids: str) -> tuple[SqlStore, list[str]]:
    store = open_kit(home, ids=ids)
    return store, list(store.keep_journals(journals(home)))


def save(store: SqlStore, state: CaptureSession, *samples: str, dropped: tuple[str, ...] = ()) -> None:
    with store.write() as unit:
        unit.sessions.save(state)
        unit.sessions.put_samples(state.session_id, {name: sample(name.encode()) for name in samples})
        unit.sessions.drop_samples(dropped)
        unit.events.append("acted", state.session_id, {}, "u", NOW)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a recording, and beside it a copy of the store from before the recording."""
    store, _ = opened(tmp_path, "first")
    store.close()
    shutil.copyfile(tmp_path / "kit.db", tmp_path / "old.db")
    store, _ = opened(tmp_path, "second")
    with store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target()])
    save(store, session(), "one")
    save(store, replace(session(), phase=Phase.CAPTURING), "two", dropped=("one",))
    store.close()
    return tmp_path


def test_a_store_that_is_not_behind_stays_as_it_is(home: Path) -> None:
    before = (home / "sessions" / "session-1.journal").read_bytes()
    store, rebuilt = opened(home, "third")
    assert (rebuilt, (home / "sessions" / "session-1.journal").read_bytes()) == ([], before)
    store.close()


def test_a_commit_writes_down_what_it_touched_alone(home: Path) -> None:
    store, _ = opened(home, "third")
    with store.write() as unit:
        unit.sessions.save(session("session-2"))
        unit.sessions.put_samples("session-2", {"other": sample(bytes(9_000))})
        unit.sessions.put_samples("session-1", {"three": sample(bytes(9_000))})
    assert journals(home).of("session-1").session["session_id"] == "session-1"  # which that commit did not save
    sizes = []
    for _ in range(3):
        save(store, replace(session(), phase=Phase.CAPTURING))
        sizes.append([(home / "sessions" / f"session-{number}.journal").stat().st_size for number in (1, 2)])
    (first, alone), *_, (last, still_alone) = sizes
    assert (still_alone, last - first < 9_000) == (alone, True)
    store.close()
    kept = journals(home).kept()
    assert {name: set(each.samples) for name, each in kept.items()} == {
        "session-1": {"two", "three"},
        "session-2": {"other"},
    }


def test_a_recording_that_goes_on_with_a_new_chain_is_behind_nothing(home: Path) -> None:
    store, _ = opened(home, "third")
    store.begin_chain()
    with store.write() as unit:
        unit.sessions.save(replace(session(), phase=Phase.CAPTURING))
    store.close()
    assert journals(home).of("session-1").head is None
    store, rebuilt = opened(home, "fourth")
    assert rebuilt == []
    store.close()


def test_what_ended_here_is_not_laid_down_again(home: Path) -> None:
    kept = journals(home).kept()
    store = open_kit(home, ids="third")
    with store.write() as unit:
        unit.sessions.save(replace(session(), phase=Phase.REFUSED))
        assert (list(kept), rebuild(unit.connection, kept)) == (["session-1"], [])
        assert unit.sessions.get("session-1").phase is Phase.REFUSED
    store.close()


@pytest.mark.parametrize(
    ("stands", "becomes"),
    [
        (TargetState.PLANNED, TargetState.RECORDING),
        (TargetState.POSTPONED, TargetState.RECORDING),
        (TargetState.RECORDING, TargetState.RECORDING),
        (TargetState.RECORDED, TargetState.RECORDED),
        (TargetState.RECORDED_WITH_EXCEPTION, TargetState.RECORDED_WITH_EXCEPTION),
        (TargetState.CANCELLED, TargetState.CANCELLED),
        (None, None),
    ],
)
def test_what_the_store_knows_better_stays(home: Path, stands: TargetState | None, becomes: TargetState | None) -> None:
    if stands is None:  # a recording of nobody on the list
        store, _ = opened(home, "third")
        save(store, replace(session(), target_id="nobody", phase=Phase.CAPTURING))
        store.close()
    shutil.copyfile(home / "old.db", home / "kit.db")
    store = open_kit(home, ids="fourth")
    renamed = replace(activity(), name="Renamed meanwhile")
    with store.write() as unit:
        for each in (activity("act-0"), renamed):
            unit.activities.save(each)
        unit.targets.save([target(2), *([replace(target(), state=stands)] if stands else [])])
        unit.sessions.save(session("session-2"))
        unit.sessions.put_samples("session-2", {"other": sample()})
    assert store.keep_journals(journals(home)) == ["session-1"]
    with store.read() as unit:
        assert {each.session_id for each in unit.sessions.unfinished()} == {"session-1", "session-2"}
        assert (unit.sessions.sample("two").data, unit.sessions.sample("other")) == (b"two", sample())
        assert unit.activities.get("act-1") == renamed
        states = {each.target_id: each.state for each in unit.targets.lines("act-1")}
    assert states == {"target-2": TargetState.PLANNED, **({"target-1": becomes} if becomes else {})}
    store.close()


def test_an_older_store_gets_the_recording_back(home: Path) -> None:
    shutil.copyfile(home / "old.db", home / "kit.db")
    store, rebuilt = opened(home, "third")
    assert rebuilt == ["session-1"]
    with store.read() as unit:
        [found] = unit.sessions.unfinished()
        assert found.phase is Phase.CAPTURING
        assert unit.sessions.sample("two").data == b"two"
        assert unit.connection.exec_driver_sql("SELECT count(*) FROM samples").scalar_one() == 1
        assert unit.activities.get("act-1") == activity()
        assert unit.targets.get("target-1") == replace(target(), state=TargetState.RECORDING)
    store.close()


def test_a_journal_of_an_older_program_brings_the_recording_back(home: Path) -> None:
    kept = journals(home).of("session-1")
    older_journal(home / "sessions" / "session-1.journal", DerivedCipher(b"k" * 32, "journal"), kept)
    shutil.copyfile(home / "old.db", home / "kit.db")
    store, rebuilt = opened(home, "third")
    with store.read() as unit:
        assert (rebuilt, unit.sessions.sample("two").data) == (["session-1"], b"two")
    save(store, replace(session(), phase=Phase.CAPTURING), "three")
    store.close()
    assert set(journals(home).of("session-1").samples) == {"two", "three"}


def test_what_was_lost_with_a_full_disk_is_written_with_the_next_commit(home: Path) -> None:
    store, _ = opened(home, "third")
    folder = home / "sessions"
    folder.rename(home / "gone")
    folder.write_bytes(b"no folder can be made here")
    save(store, replace(session(), phase=Phase.CAPTURING), "three")
    folder.unlink()
    save(store, replace(session(), phase=Phase.CAPTURING), "four")
    store.close()
    assert set(journals(home).kept()["session-1"].samples) == {"two", "three", "four"}


def test_an_end_takes_the_journal_away(home: Path) -> None:
    store, _ = opened(home, "third")
    save(store, replace(session(), phase=Phase.ABANDONED))
    assert list((home / "sessions").iterdir()) == []
    store.close()


@pytest.mark.parametrize("header", [b"", bytes(36)], ids=["as it was", "overwritten"])
def test_a_journal_that_outlived_its_recording_goes_at_the_next_start(home: Path, header: bytes) -> None:
    shutil.copytree(home / "sessions", home / "left")
    left = home / "left" / "session-1.journal"
    left.write_bytes(header + left.read_bytes()[len(header) :])
    store, _ = opened(home, "third")
    save(store, replace(session(), phase=Phase.REFUSED))
    store.close()
    shutil.copytree(home / "left", home / "sessions", dirs_exist_ok=True)
    store, rebuilt = opened(home, "fourth")
    assert (rebuilt, list((home / "sessions").iterdir())) == ([], [])
    store.close()


def test_an_open_recording_without_a_journal_gets_one_at_start(home: Path) -> None:
    shutil.rmtree(home / "sessions")
    store, rebuilt = opened(home, "third")
    store.close()
    assert rebuilt == []
    assert list(journals(home).kept()["session-1"].samples) == ["two"]


def test_a_page_that_went_bad_does_not_reach_the_journal(home: Path) -> None:
    store, _ = opened(home, "third")
    with store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE samples SET content = zeroblob(3)")
    save(store, replace(session(), phase=Phase.CAPTURING), "three")
    store.close()
    kept = journals(home).kept()["session-1"].samples
    assert {name: row["content"] for name, row in kept.items()} == {"two": b"two", "three": b"three"}


def test_a_lazy_write_is_there_and_waits_for_the_next(store: SqlStore, tmp_path: Path) -> None:
    """Whether it waits is what `tests/faults` see; an event is never lazy, whoever appends it."""
    kept = journals(tmp_path)
    store.keep_journals(kept)
    with store.write() as unit:
        unit.sessions.save(session())
    before = kept.of("session-1")
    with store.write_lazily() as unit:
        assert unit.connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 1
        unit.sessions.save(replace(session(), worked_ms=7))
    with store.read() as unit:
        assert unit.sessions.get("session-1").worked_ms == 7
    assert kept.of("session-1") == before, "a journal is never ahead of the store"
    for append in (
        lambda unit: unit.events.append("acted", "session-1", {}, "u", NOW),
        lambda unit: unit.activities.save(activity("act-9")),  # which the program notes by an event
    ):
        with pytest.raises(RuntimeError, match="before anybody knows"), store.write_lazily() as unit:
            append(unit)
    with store.write() as unit:
        assert unit.connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert (list(unit.activities.all()), unit.events.of("session-1")) == ([activity()], [])
        unit.sessions.save(unit.sessions.get("session-1"))
    assert mappers.session_of(SimpleNamespace(**kept.of("session-1").session)).worked_ms == 7


def test_what_lies_beside_the_store_is_on_the_disk_when_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, store = DiskLog(monkeypatch), open_kit(tmp_path)
    store.keep_journals(journals(tmp_path))
    with store.write() as unit:
        unit.activities.save(activity())
        unit.sessions.save(session())
        unit.events.append("acted", "session-1", {}, "u", NOW)
    beside = [tmp_path / "sessions" / "session-1.journal", tmp_path / "kit.mark"]
    assert not any(disk.has_bytes(path) for path in beside if path.exists())
    store.close()
    assert all(disk.has_bytes(path) and disk.has_name(path) for path in beside)
