from __future__ import annotations

from pathlib import Path

import pytest
from support.durable import DiskLog

from fieldkit.storage.damage import DamageNote


def test_a_note_stays_until_it_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note, disk = DamageNote(tmp_path / "kit.damaged"), DiskLog(monkeypatch)
    assert (note.is_written, note.aside()) == (False, "")
    note.write()
    assert disk.has(tmp_path / "kit.damaged")
    assert (note.is_written, note.aside()) == (True, "")
    note.write("20261122T100000")
    assert DamageNote(tmp_path / "kit.damaged").aside() == "20261122T100000"
    note.clear()
    assert disk.has_gone(tmp_path / "kit.damaged")
    note.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_note_that_cannot_be_read_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "kit.damaged").write_bytes(b"\xff")
    note = DamageNote(tmp_path / "kit.damaged")
    assert (note.is_written, note.aside()) == (True, "")
