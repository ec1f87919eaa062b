from __future__ import annotations

from pathlib import Path

from support.commands import fieldkit, refused
from support.pairs import KIT, lay_home


def test_a_dead_laptop_is_rescued_without_a_passphrase(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    ids = lay_home(tmp_path / "home")
    said = fieldkit("rescue", tmp_path / "home", "--out", stick, "--json")
    assert (said.code, said.err) == (0, "")
    told = said.json
    assert (told["rescued"], told["unreadable"], told["without_manifest"], told["kit"]) == (len(ids), [], [], KIT)
    assert Path(told["to"]).is_relative_to(stick)
    assert told["bytes"] == sum(file.stat().st_size for file in Path(told["to"]).glob("*.age"))
    assert str(len(ids)) in fieldkit("rescue", tmp_path / "home", "--out", stick).out


def test_what_could_not_be_brought_over_is_said(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    rotten, old, _ = lay_home(tmp_path / "home")
    (tmp_path / "home" / "sealed" / f"{rotten}.age").write_bytes(b"rot")
    (tmp_path / "home" / "sealed" / f"{old}.manifest").unlink()
    said = fieldkit("rescue", tmp_path / "home", "--out", stick)
    assert said.code == 3
    assert rotten in said.out
    assert old in said.out


def test_a_place_without_a_kit_is_refused(tmp_path: Path) -> None:
    assert refused("rescue", tmp_path, "--out", tmp_path) == (2, "rescue.nothing")
