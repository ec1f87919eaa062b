from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from support.kept import NOW, activity, open_kit, sample, session, target

from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.storage.session_journal import SessionJournals
from fieldkit.storage.store import SqlStore
from fieldkit.vault.derived import DerivedCipher


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
    store, rebuilt = opened(home, "third")
    assert rebuilt == []
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


def test_a_journal_that_outlived_its_recording_goes_at_the_next_start(home: Path) -> None:
    shutil.copytree(home / "sessions", home / "left")
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
