from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fieldkit.media.folders import FolderByHandle
from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import SealedPair, find_pairs


def test_files_and_the_texts_beside_them_are_found_in_a_tree(tmp_path: Path) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    for file in (
        tmp_path / "b.age",
        tmp_path / "b.manifest",
        aside / "a.age",
        tmp_path / "c.manifest",
        tmp_path / "b.vouch",
    ):
        file.touch()
    (tmp_path / "d.age.part").touch()
    for key in ("escrow.age", "escrow.copy.age"):  # the store's key for the dinas, no record
        (tmp_path / key).touch()
    (tmp_path / "b.txt").touch()
    (aside / "b.age").touch()
    root = Place(tmp_path)
    found = find_pairs(root)
    assert found.pairs == (
        SealedPair("a", root / "aside/a.age", None),
        SealedPair("b", root / "aside/b.age", None),
        SealedPair("b", root / "b.age", root / "b.manifest", root / "b.vouch"),
    )
    assert found.unreadable == ()


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aside").mkdir()
    (tmp_path / "b.age").touch()
    number, honest = (tmp_path / "aside").stat().st_ino, FolderByHandle.names

    def failing(folder: FolderByHandle) -> object:
        if folder.look(".").st_ino == number:
            raise OSError(errno.EIO, "Input/output error")
        return honest(folder)

    monkeypatch.setattr(FolderByHandle, "names", failing)
    found = find_pairs(Place(tmp_path))
    assert [pair.record_id for pair in found.pairs] == ["b"]
    assert found.unreadable == (str(tmp_path / "aside"),)
