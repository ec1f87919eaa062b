from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from support.clock import NOW
from support.kept import KEY, activity, fill_queue, open_kit, sample, session, target

from fieldkit.domain.errors import VaultError
from fieldkit.domain.recording.session import Phase
from fieldkit.storage.copies import Copies, faults
from fieldkit.storage.damage import DamageNote
from fieldkit.storage.page_proof import key_fits
from fieldkit.storage.replace import Replaced, replace_damaged
from fieldkit.storage.session_journal import SessionJournals
from fieldkit.vault.derived import DerivedCipher

TARGETS = 300


def journals(home: Path) -> SessionJournals:
    return SessionJournals(home / "sessions", DerivedCipher(KEY, "journal"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A closed home with an open recording, a queue and targets."""
    store = open_kit(tmp_path)
    store.keep_journals(journals(tmp_path))
    with store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target(number) for number in range(1, TARGETS + 1)])
        unit.sessions.save(session())
    fill_queue(store, range(1, 8))
    for number in range(30):
        with store.write() as unit:
            unit.sessions.put_samples("session-1", {f"sample-{number}": sample(bytes([number]) * 9_000)})
            unit.sessions.save(replace(session(), phase=Phase.CAPTURING))
            unit.events.append("attempt_made", "session-1", {}, "u", NOW)
    store.close()
    return tmp_path


def spoil(home: Path, *pages: int) -> None:
    content = bytearray((home / "kit.db").read_bytes())
    for page in pages:
        content[page * 4096 + 1000] ^= 0xFF
    (home / "kit.db").write_bytes(content)


def replaced(home: Path) -> Replaced:
    return replace_damaged(home / "kit.db", KEY, journals(home), NOW)


def assert_recording_is_whole(home: Path) -> None:
    assert faults(home / "kit.db", KEY) == []
    store = open_kit(home, ids="later")
    with store.read() as unit:
        [found] = unit.sessions.unfinished()
        assert found.phase is Phase.CAPTURING
        for number in range(30):
            assert unit.sessions.sample(f"sample-{number}").data == bytes([number]) * 9_000
        assert unit.targets.get("target-1").activity_id == "act-1"
        assert unit.connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
        assert unit.events.verify()[1] is None
    store.close()


def test_one_bad_page_costs_nothing_but_what_stood_on_it(home: Path) -> None:
    pages = (home / "kit.db").stat().st_size // 4096
    chance = random.Random(1)
    whole = (home / "kit.db").read_bytes()
    for page in chance.sample(range(1, pages), 8):
        (home / "kit.db").write_bytes(whole)
        spoil(home, page)
        done = replaced(home)
        assert (home / done.aside / "kit.db").is_file()
        assert_recording_is_whole(home)


def test_a_bad_first_page_leaves_recordings_and_takes_a_copy_for_the_rest(home: Path) -> None:
    Copies(home / "copies").make(home / "kit.db", KEY, NOW)
    spoil(home, 0)
    with pytest.raises(VaultError):
        open_kit(home)
    assert key_fits(home / "kit.db", KEY)
    done = replaced(home)
    assert (done.copy_from, done.rows, done.rebuilt) == (NOW.replace(microsecond=0), {}, ("session-1",))
    assert_recording_is_whole(home)
    store = open_kit(home, ids="last")
    with store.read() as unit:
        assert len(unit.targets.lines("act-1")) == TARGETS
        assert len(unit.records.search()) == 7
    store.close()


def test_without_a_copy_the_recording_brings_its_target_and_activity(home: Path) -> None:
    spoil(home, 0)
    done = replaced(home)
    assert (done.copy_from, done.rebuilt) == (None, ("session-1",))
    assert_recording_is_whole(home)


@pytest.mark.days
def test_the_damaged_store_and_its_log_are_kept_as_they_were(home: Path) -> None:
    spoil(home, 3)
    content = (home / "kit.db").read_bytes()
    (home / "kit.db-wal").write_bytes(b"log")
    aside = home / replaced(home).aside
    assert (aside / "kit.db").read_bytes() == content
    assert (aside / "kit.db-wal").read_bytes() == b"log"
    assert not (aside / "kit.db").stat().st_mode & 0o222
    assert not (home / "kit.db-wal").exists()
    assert not DamageNote(home / "kit.damaged").is_written


@pytest.mark.days
def test_a_replacing_that_stopped_goes_on_from_the_same_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(home, 3)

    class StoppedError(BaseException):
        pass

    def stop(self: Path, target: Path) -> Path:
        if self.name.endswith(".replacing"):
            raise StoppedError
        return rename(self, target)

    rename = Path.replace
    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(StoppedError):
        replaced(home)
    monkeypatch.undo()
    note = DamageNote(home / "kit.damaged")
    assert note.is_written
    assert replaced(home).aside == f"damaged/{note.aside() or next((home / 'damaged').iterdir()).name}"
    assert len(list((home / "damaged").iterdir())) == 1
    assert_recording_is_whole(home)


def test_a_key_that_fits_no_page_is_another_key(home: Path) -> None:
    assert not key_fits(home / "kit.db", bytes(32))
    assert not key_fits(home / "nothing.db", KEY)
