from __future__ import annotations

import os
from pathlib import Path

import pytest

from fieldkit.app.cli.private_files import demand_free, new_private, write_private
from fieldkit.domain.errors import InputError


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_nobody_else_may_read_what_is_written(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "a" / "b", {"samples/one.fir": b"1", "two": b"2"})
    finally:
        os.umask(before)
    assert (tmp_path / "a" / "b" / "samples" / "one.fir").read_bytes() == b"1"
    folders = (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "samples")
    assert [mode(folder) for folder in folders] == [0o700] * 3
    assert [mode(path) for path in (tmp_path / "a" / "b").rglob("*") if path.is_file()] == [0o600] * 2


def test_a_file_that_anybody_may_read_is_replaced_by_one_that_nobody_may(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("old")
    (tmp_path / "elsewhere").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    write_private(tmp_path, {"one": b"new", "link": b"new"})
    assert [mode(tmp_path / name) for name in ("one", "link")] == [0o600] * 2
    assert (tmp_path / "elsewhere").read_text() == "old"


def test_what_is_there_is_named(tmp_path: Path) -> None:
    demand_free(tmp_path, ["one"])
    (tmp_path / "one").symlink_to("nowhere")
    with pytest.raises(InputError) as caught:
        demand_free(tmp_path, ["zero", "one"])
    assert (caught.value.code, caught.value.problem.params) == ("cli.exists", {"file": str(tmp_path / "one")})


def test_a_new_file_is_private_and_takes_nobodys_place(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with new_private(tmp_path / "trace") as file:
            file.write(b"1")
    finally:
        os.umask(before)
    assert ((tmp_path / "trace").read_bytes(), mode(tmp_path / "trace")) == (b"1", 0o600)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("trace", "link"):
        with pytest.raises(InputError) as caught:
            new_private(tmp_path / name)
        assert (caught.value.code, caught.value.problem.params) == ("cli.file_exists", {"file": str(tmp_path / name)})
    assert (tmp_path / "trace").read_bytes() == b"1"
