from __future__ import annotations

import os
from pathlib import Path

import pytest

from fieldkit.domain.errors import InputError
from ui.presenters.exchange.sticks import read_bundle, write_bundle


def code(call: object, *args: object) -> str:
    with pytest.raises(InputError) as refusal:
        call(*args)  # type: ignore[operator]
    return refusal.value.code


def test_the_newest_file_of_another_kit_is_read(tmp_path: Path) -> None:
    for age, name in enumerate(("KIT-2-a.tukar", "KIT-3-a.tukar", "KIT-1-b.tukar", "catatan.txt")):
        (tmp_path / name).write_bytes(name.encode())
        os.utime(tmp_path / name, (1_000 + age, 1_000 + age))
    assert read_bundle(f" '{tmp_path}' ", "KIT-1") == ("KIT-3-a.tukar", b"KIT-3-a.tukar")


def test_a_named_file_is_read_whosever_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"x")
    assert read_bundle(f"file://{tmp_path / 'x.bin'}", "KIT-1") == ("x.bin", b"x")


def test_an_empty_or_absent_stick_is_named(tmp_path: Path) -> None:
    assert code(read_bundle, str(tmp_path), "KIT-1") == "exchange.nothing_there"
    for path in (str(tmp_path / "away"), f"{tmp_path}/{'x' * 999}", "\x00"):
        assert code(read_bundle, path, "KIT-1") == "list.unreadable"


def test_a_file_is_written_as_a_whole_beside_others(tmp_path: Path) -> None:
    where = write_bundle(str(tmp_path), "KIT-1-a.tukar", b"x")
    assert Path(where).read_bytes() == b"x"
    assert write_bundle(where, "KIT-1-b.tukar", b"y") == str(tmp_path / "KIT-1-b.tukar")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["KIT-1-a.tukar", "KIT-1-b.tukar"]


def test_a_file_is_on_the_stick_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    write_bundle(str(tmp_path), "KIT-1-a.tukar", b"x" * 9)
    assert synced[0] == 9


def test_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    assert code(write_bundle, str(tmp_path / "away"), "a.tukar", b"x") == "exchange.not_written"


def test_only_own_files_lie_there_and_none_of_another(tmp_path: Path) -> None:
    (tmp_path / "KIT-1-a.tukar").write_bytes(b"x")
    assert code(read_bundle, str(tmp_path), "KIT-1") == "exchange.nothing_there"
    assert read_bundle(str(tmp_path), "KIT-2")[0] == "KIT-1-a.tukar"
    assert write_bundle(str(tmp_path), "b.tukar", b"y") == str(tmp_path / "b.tukar")
