from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.hostile import KINDS, VICTIM, outside_of, seen

from fieldkit.media.folders import FolderByHandle, FolderByPath, MediaFolder, entered, is_link, opened_root


def by_handle(path: Path) -> MediaFolder:
    return FolderByHandle(os.open(path, os.O_RDONLY))


@pytest.fixture(params=[by_handle, FolderByPath])
def opened(request: pytest.FixtureRequest) -> Callable[[Path], MediaFolder]:
    """Open a folder as POSIX has it, and as Windows has."""
    made: Callable[[Path], MediaFolder] = request.param
    return made


def refused(call: Callable[..., object], *given: object) -> int | None:
    with pytest.raises(OSError, match="Errno") as caught:
        call(*given)
    return caught.value.errno


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


def test_files_are_made_read_named_and_taken_away(stick: Path, opened: Callable[[Path], MediaFolder]) -> None:
    folder = opened(stick)
    with os.fdopen(folder.create("a", 0o600), "wb") as file:
        file.write(b"x")
    with pytest.raises(FileExistsError):
        folder.create("a", 0o600)
    folder.rename("a", "b")
    folder.make("inside")
    inside = folder.enter("inside")
    inside.make("deeper")
    folder.sync()
    assert (sorted(folder.names()), inside.names()) == (["b", "inside"], ["deeper"])
    with os.fdopen(folder.read("b"), "rb") as file:
        assert (file.read(), folder.look("b").st_size) == (b"x", 1)
    folder.unlink("b")
    inside.close()
    folder.remove("inside")
    assert folder.names() == []
    folder.close()


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_regular_file_is_read_and_nothing_is_written_through(
    tmp_path: Path, stick: Path, opened: Callable[[Path], MediaFolder], kind: str
) -> None:
    outside = outside_of(tmp_path)
    before = seen(outside)
    KINDS[kind](stick / "x", outside)
    folder = opened(stick)
    links = ("link", "dangling", "folder_link")
    wanted = {"folder": errno.EISDIR}.get(kind, errno.ELOOP if kind in links else errno.EOPNOTSUPP)
    assert refused(folder.read, "x") == wanted
    with pytest.raises(FileExistsError):
        folder.create("x", 0o600)
    if kind != "folder":
        assert refused(folder.enter, "x") == (errno.ELOOP if kind in links else errno.ENOTDIR)
        assert refused(folder.remove, "x") == (errno.ELOOP if kind in links else errno.ENOTDIR)
        (stick / "new").write_bytes(b"new")
        folder.rename("new", "x")
        assert (stick / "x").read_bytes() == b"new"
    assert seen(outside) == before
    folder.close()


def test_what_changes_between_look_and_open_is_refused(
    stick: Path, opened: Callable[[Path], MediaFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    (stick / "x").write_bytes(b"one")
    folder = opened(stick)
    honest = type(folder)._opened

    def swapped(self: MediaFolder, name: str) -> int:
        (stick / "y").write_bytes(b"another")
        (stick / "y").replace(stick / "x")
        return honest(self, name)

    monkeypatch.setattr(type(folder), "_opened", swapped)
    assert refused(folder.read, "x") == errno.ESTALE
    folder.close()


def test_a_folder_is_taken_away_and_what_its_links_lead_to_stays(
    tmp_path: Path, stick: Path, opened: Callable[[Path], MediaFolder]
) -> None:
    outside = outside_of(tmp_path)
    (stick / "gone").mkdir()
    (stick / "gone" / "way out").symlink_to(outside, target_is_directory=True)
    (stick / "link").symlink_to(outside, target_is_directory=True)
    folder = opened(stick)
    folder.remove("gone")
    assert refused(folder.remove, "link") == errno.ELOOP
    assert (outside / "victim").read_bytes() == VICTIM
    assert not (stick / "gone").exists()
    folder.close()


def test_a_way_down_ends_at_a_link(tmp_path: Path, stick: Path) -> None:
    (stick / "a" / "b").mkdir(parents=True)
    with entered(stick, ("a", "b")) as folder:
        folder.make("c")
    assert (stick / "a" / "b" / "c").is_dir()
    (stick / "a" / "b" / "out").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(OSError, match="link"), entered(stick, ("a", "b", "out")):
        pass
    (tmp_path / "way").symlink_to(stick, target_is_directory=True)
    opened_root(tmp_path / "way").close()  # the one that a person chose may be reached by links


def test_a_junction_of_windows_is_a_link() -> None:
    class Junction:
        st_mode, st_file_attributes = 0o040777, 0x410

    assert is_link(Junction())  # type: ignore[arg-type]
