from __future__ import annotations

import errno
import os
from datetime import date
from pathlib import Path

import pytest
from support.clock import NOW
from support.durable import DiskLog
from support.older_stores import older_journal

from fieldkit.domain.events import ChainHead
from fieldkit.domain.recording.session import Phase
from fieldkit.storage.session_journal import KeptSession, SessionChanges, SessionJournals
from fieldkit.vault.derived import DerivedCipher
from fieldkit.vault.erasing import FileEraser

HEADER = 36
CIPHER = DerivedCipher(b"k" * 32, "journal")
SESSION = {"session_id": "s-1", "phase": "capturing", "opened_at": NOW, "target_id": "t-1"}
AROUND = {"activities": {"activity_id": "a-1", "on_day": date(2026, 11, 21)}, "targets": None}


def sample(name: str, content: bytes = b"\0bytes") -> dict[str, object]:
    return {"sample_id": name, "session_id": "s-1", "content": content, "device_certificate": None}


def changes(*samples: str, dropped: tuple[str, ...] = (), phase: str = "capturing") -> SessionChanges:
    rows = {name: sample(name) for name in samples}
    return SessionChanges({"s-1": {**SESSION, "phase": phase}}, rows, set(dropped))


def head(number: int) -> ChainHead:
    return ChainHead("chain", number, f"digest-{number}")


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def half_of_it(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content[: len(content) // 2])
    no_room()


def end_of_first(content: bytes) -> int:
    return HEADER + 4 + int.from_bytes(content[HEADER : HEADER + 4], "big")


@pytest.fixture
def journals(tmp_path: Path) -> SessionJournals:
    made = SessionJournals(tmp_path / "sessions", CIPHER)
    made.append("s-1", changes("one"), head(1), AROUND)
    made.append("s-1", changes("two", dropped=("one",), phase="reviewing"), head(2), {})
    return made


def test_a_recording_comes_back_as_it_was_last_written(journals: SessionJournals, tmp_path: Path) -> None:
    assert journals.has("s-1")
    again = SessionJournals(tmp_path / "sessions", CIPHER)
    assert not again.has("s-1")
    [(session_id, kept)] = again.kept().items()
    assert (session_id, kept.session) == ("s-1", {**SESSION, "phase": "reviewing"})
    assert (kept.samples, kept.head, kept.around) == ({"two": sample("two")}, head(2), AROUND)


def test_a_torn_or_damaged_tail_leaves_what_came_before(journals: SessionJournals, tmp_path: Path) -> None:
    path = tmp_path / "sessions" / "s-1.journal"
    whole = path.read_bytes()
    first = end_of_first(whole)
    for cut in (first, first + 2, first + 50, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert journals.kept()["s-1"].head == head(1)
    path.write_bytes(whole[:-1] + bytes((whole[-1] ^ 1,)))
    assert list(journals.kept()["s-1"].samples) == ["one"]
    path.write_bytes(whole[: first - 1])
    assert journals.kept() == {}


def test_frames_of_another_place_or_recording_do_not_count(journals: SessionJournals, tmp_path: Path) -> None:
    path = tmp_path / "sessions" / "s-1.journal"
    whole = path.read_bytes()
    first = end_of_first(whole)
    path.write_bytes(whole[:HEADER] + whole[first:] + whole[HEADER:first])
    path.with_stem("s-2").write_bytes(whole)
    path.with_stem("s-3").write_bytes(whole[:HEADER] + whole[HEADER:].replace(whole[4:HEADER], b""))
    assert journals.kept() == {}
    assert journals.names() == {"s-1", "s-2", "s-3"}


def test_a_journal_of_an_older_program_is_read_and_goes_on_in_the_new_form(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    before = KeptSession(SESSION, {name: sample(name) for name in ("one", "two")}, AROUND, head(2))
    older_journal(folder / "s-1.journal", CIPHER, before)
    made = SessionJournals(folder, CIPHER)
    assert made.of("s-1") == before
    assert not made.has("s-1")
    made.append("s-1", changes("two", "three"), head(3), AROUND)
    assert made.of("s-1").samples == {"two": sample("two"), "three": sample("three")}
    assert (folder / "s-1.journal").read_bytes()[:4] == b"FKJ2"


def test_bytes_stand_once_and_as_they_are(journals: SessionJournals, tmp_path: Path) -> None:
    path = tmp_path / "sessions" / "s-1.journal"
    before, content = path.stat().st_size, os.urandom(300_000)
    several = changes()
    several.samples |= {name: sample(name, content) for name in ("three", "four")}
    journals.append("s-1", several, head(3), {})
    assert path.stat().st_size - before < 601_000
    assert {name: row["content"] for name, row in journals.of("s-1").samples.items()} == {
        "two": b"\0bytes",
        "three": content,
        "four": content,
    }


def test_a_new_start_begins_anew_with_the_whole(journals: SessionJournals, tmp_path: Path) -> None:
    again = SessionJournals(tmp_path / "sessions", CIPHER)
    again.append("s-1", changes("two", "three"), head(3), AROUND)
    assert list(again.kept()["s-1"].samples) == ["two", "three"]
    assert [path.name for path in (tmp_path / "sessions").iterdir()] == ["s-1.journal"]


def test_a_journal_without_room_keeps_the_one_of_before_and_no_half(
    journals: SessionJournals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = SessionJournals(tmp_path / "sessions", CIPHER)
    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", half_of_it)
        with pytest.raises(OSError, match="No space"):
            again.append("s-1", changes("three"), head(3), AROUND)
    assert [path.name for path in (tmp_path / "sessions").iterdir()] == ["s-1.journal"]
    assert again.of("s-1").head == head(2)
    with monkeypatch.context() as full:
        full.setattr(Path, "open", no_room)
        with pytest.raises(OSError, match="No space"):
            journals.append("s-1", changes("three"), head(3), {})
    assert journals.of("s-1").head == head(2)
    assert not journals.has("s-1")
    journals.append("s-1", changes("four"), head(4), AROUND)
    assert list(journals.of("s-1").samples) == ["four"]


def test_frames_are_waited_for_when_the_journals_settle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, made = DiskLog(monkeypatch), SessionJournals(tmp_path / "sessions", CIPHER)
    path = tmp_path / "sessions" / "s-1.journal"
    made.append("s-1", changes("one"), head(1), AROUND)
    assert disk.has_name(path.parent)
    before = disk.syncs
    made.append("s-1", changes("two"), head(2), {})
    assert disk.syncs == before
    made.settle()
    assert (disk.has(path), disk.syncs) == (True, before + 2)
    SessionJournals(tmp_path / "sessions", CIPHER).settle()
    assert disk.syncs == before + 2


def test_a_frame_holds_what_its_commit_touched_of_its_recording_alone(journals: SessionJournals) -> None:
    touched = changes("three", dropped=("two",))
    touched.samples["other"] = {**sample("other"), "session_id": "s-2"}
    touched.sessions.clear()
    assert touched.open == ["s-1", "s-2"]
    journals.append("s-1", touched, None, {"targets": {"target_id": "t-1"}})
    kept = journals.of("s-1")
    assert (kept.session["phase"], list(kept.samples), kept.head) == ("reviewing", ["three"], None)
    assert kept.around == {**AROUND, "targets": {"target_id": "t-1"}}
    assert journals.of("s-2") == KeptSession()
    with pytest.raises(TypeError, match="has no place in a journal"):
        journals.append("s-1", changes(), None, {"targets": {"target_id": Path("x")}})


@pytest.mark.parametrize("phase", list(Phase))
def test_three_phases_end_a_recording(phase: Phase) -> None:
    has_ended = phase in (Phase.SEALED, Phase.REFUSED, Phase.ABANDONED)
    touched = changes("one", phase=phase.value)
    assert (touched.open, touched.ended) == (([], ["s-1"]) if has_ended else (["s-1"], []))


@pytest.mark.usefixtures("journals")
def test_the_end_erases(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    older_journal(folder / "s-2.journal", CIPHER, KeptSession())
    (folder / "s-3.journal").write_bytes((folder / "s-1.journal").read_bytes())
    overwritten = list[tuple[str, int | None]]()
    again = SessionJournals(folder, CIPHER, lambda path, first: overwritten.append((path.name, first)))
    again.erase("s-2")
    again.erase("s-3")
    assert overwritten == [("s-2.journal", None), ("s-3.journal", HEADER)]
    (path,) = folder.iterdir()
    content, link = path.read_bytes(), tmp_path / "link"
    link.hardlink_to(path)
    journals = SessionJournals(folder, CIPHER, FileEraser().overwrite)
    journals.append("s-1", changes("one"), head(1), AROUND)
    path.write_bytes(content)
    link.unlink()
    link.hardlink_to(path)
    journals.erase("s-1")
    assert not journals.has("s-1")
    assert link.read_bytes() == bytes(HEADER) + content[HEADER:]
    journals.erase("s-1")
    assert list(folder.iterdir()) == []
    link.rename(path)  # as a power cut may leave it
    assert (journals.names(), journals.kept()) == ({"s-1"}, {})
    journals.erase("s-1")
    for wrong in ("../kit", "", "-"):
        with pytest.raises(ValueError, match="recording's id"):
            journals.erase(wrong)


def test_nothing_stands_in_the_clear(journals: SessionJournals, tmp_path: Path) -> None:
    content = (tmp_path / "sessions" / "s-1.journal").read_bytes()
    assert b"capturing" not in content
    assert journals.has("s-1")
