from __future__ import annotations

import os
from pathlib import Path

import pytest

from fieldkit.storage.sealed_pairs import SealedPair, find_pairs


def test_files_and_the_texts_beside_them_are_found_in_a_tree(tmp_path: Path) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    for file in (tmp_path / "b.age", tmp_path / "b.manifest", aside / "a.age", tmp_path / "c.manifest"):
        file.touch()
    (tmp_path / "d.age.part").touch()
    for key in ("escrow.age", "escrow.copy.age"):  # the store's key for the dinas, no record
        (tmp_path / key).touch()
    (tmp_path / "b.txt").touch()
    (aside / "b.age").touch()
    found = find_pairs(tmp_path)
    assert found.pairs == (
        SealedPair("a", aside / "a.age", None),
        SealedPair("b", aside / "b.age", None),
        SealedPair("b", tmp_path / "b.age", tmp_path / "b.manifest"),
    )
    assert found.unreadable == ()


@pytest.mark.parametrize(("told", "named"), [("aside", "aside"), (None, "")])
def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str | None, named: str
) -> None:
    (tmp_path / "aside").mkdir()
    (tmp_path / "b.age").touch()
    honest = os.scandir

    def failing(path: str) -> object:
        if str(path).endswith("aside"):
            raise OSError(5, "Input/output error", told and str(path))
        return honest(path)

    monkeypatch.setattr(os, "scandir", failing)
    found = find_pairs(tmp_path)
    assert [pair.record_id for pair in found.pairs] == ["b"]
    assert found.unreadable == (str(tmp_path / named),)
