"""Sealed files are there as a whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from support.durable import DiskLog

from fieldkit.domain.errors import StoreError
from fieldkit.ports.recording import ArchivedManifests, FilesFound
from fieldkit.storage.sealed_files import FolderOfSealedFiles, ManifestArchive


@pytest.fixture
def files(tmp_path: Path) -> FolderOfSealedFiles:
    return FolderOfSealedFiles(tmp_path / "sealed")


def names(files: FolderOfSealedFiles) -> list[str]:
    return sorted(str(p.relative_to(files.path("x").parent)) for p in files.path("x").parent.rglob("*") if p.is_file())


def test_put_twice_keeps_the_second(files: FolderOfSealedFiles) -> None:
    files.put("r1", b"first", "one")
    path = files.put("r1", b"second", "two")
    assert path == files.path("r1")
    assert (path.read_bytes(), files.manifest("r1")) == (b"second", "two")
    assert names(files) == ["r1.age", "r1.manifest"]
    assert files.measure("r1") == (6, sha256(b"second").hexdigest())


def test_a_seal_and_its_end_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, folder = DiskLog(monkeypatch), tmp_path / "sealed"
    files = FolderOfSealedFiles(folder)
    assert disk.has_name(folder)
    named, rename = list[str](), Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, target: (named.append(target.name), rename(path, target)))
    before = disk.syncs
    sealed = files.put("r1", b"x", "manifest")
    assert disk.syncs == before + 3, "two files and their folder"
    assert (disk.has(sealed), disk.has(folder / "r1.manifest")) == (True, True)
    assert named == ["r1.manifest", "r1.age"], "a file system keeps the order of names within a folder"
    files.erase("r1")
    assert disk.has_gone(sealed)
    files.put("r2", b"x", "manifest")
    files.set_aside("r2")
    assert (disk.has_name(folder / "aside" / "r2.age"), disk.has_gone(folder / "r2.age")) == (True, True)


def test_sweep_takes_what_is_half_written_and_nothing_else(files: FolderOfSealedFiles) -> None:
    orphan = files.put("orphan", b"y", "manifest")
    for half in ("known.age.part", "known.part"):  # the second was left by an older program
        orphan.with_name(half).write_bytes(b"z")
    orphan.with_name("README.txt").touch()
    assert list(files.sweep()) == ["known.age.part", "known.part"]
    assert names(files) == ["README.txt", "orphan.age", "orphan.manifest"]


def test_the_manifest_is_archived_when_its_file_is_purged(tmp_path: Path) -> None:
    removed: list[Path] = []

    def remove(path: Path) -> None:
        removed.append(path)
        path.unlink()

    files = FolderOfSealedFiles(tmp_path, remove)
    path = files.put("r1", b"x", "manifest")
    files.erase("r1")
    files.erase("r1")
    assert removed == [path]
    assert files.found() == FilesFound(frozenset(), frozenset())
    assert names(files) == ["purged.manifests"]
    assert dict(files.archived().texts) == {"r1": "manifest"}
    assert files.measure("r1") == (0, "")


def test_a_full_disk_lets_the_purge_go_on_and_the_manifest_stay(
    files: FolderOfSealedFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    path = files.put("r1", b"x", "manifest")
    with monkeypatch.context() as patch:
        patch.setattr(ManifestArchive, "add", full)
        files.erase("r1")
        with pytest.raises(StoreError, match=r"store\.disk_full"):
            files.archive(["r1"])
    assert (path.exists(), files.manifest("r1"), files.archived()) == (False, "manifest", ArchivedManifests({}, 0))
    files.archive(["r1", "unknown"])
    assert (dict(files.archived().texts), names(files)) == ({"r1": "manifest"}, ["purged.manifests"])


def test_what_is_set_aside_is_all_kept(files: FolderOfSealedFiles) -> None:
    for content in (b"first", b"second"):
        files.put("r1", content, "manifest")
        files.set_aside("r1")
    files.put_manifest("r1", "third")
    files.set_aside("r1")
    assert files.found() == FilesFound(frozenset(), frozenset())
    assert names(files) == [
        *("aside/r1.1.age", "aside/r1.1.manifest", "aside/r1.2.manifest", "aside/r1.age", "aside/r1.manifest")
    ]


def test_only_the_manifest_of_an_unfinished_seal_is_forgotten(files: FolderOfSealedFiles) -> None:
    files.put("whole", b"x", "manifest")
    files.put_manifest("stopped", "manifest")
    files.forget_manifest("whole")
    files.forget_manifest("stopped")
    assert files.found().manifests == {"whole"}


@pytest.mark.parametrize("record_id", ["", "-", "../up", "a/b", "..", "a\\b"])
def test_no_id_leads_out_of_the_folder(files: FolderOfSealedFiles, record_id: str) -> None:
    with pytest.raises(ValueError, match="record id"):
        files.path(record_id)


TOO_BIG = """
import resource, sys
from pathlib import Path
from fieldkit.domain.errors import StoreError
from fieldkit.storage.sealed_files import FolderOfSealedFiles
files = FolderOfSealedFiles(Path(sys.argv[1]))
files.put("r1", b"old", "old manifest")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    files.put("r1", bytes(2000), "new manifest")
except StoreError as error:
    print(error.code)
"""


@pytest.mark.days
@pytest.mark.skipif(os.name == "nt", reason="a limit on file sizes is set with resource.setrlimit")
def test_no_room_leaves_the_old_file_and_nothing_half(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", TOO_BIG, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "store.disk_full\n"
    assert (tmp_path / "r1.age").read_bytes() == b"old"
    assert (tmp_path / "r1.manifest").read_bytes() == b"old manifest"
    assert len(list(tmp_path.iterdir())) == 2


def test_other_errors_of_the_folder_are_ours(tmp_path: Path) -> None:
    files = FolderOfSealedFiles(tmp_path / "sealed")
    (tmp_path / "sealed").rmdir()
    with pytest.raises(FileNotFoundError):
        files.put("r1", b"x", "manifest")


@pytest.fixture
def archive(tmp_path: Path) -> ManifestArchive:
    return ManifestArchive(tmp_path / "purged.manifests")


def test_manifests_come_back_from_a_place_on(archive: ManifestArchive) -> None:
    assert archive.since(7) == ArchivedManifests({}, 0)
    archive.add({"r1": "eyJ.e30.x\n-----BEGIN\n", "r2": "two"})
    first = archive.since(0)
    assert dict(first.texts) == {"r1": "eyJ.e30.x\n-----BEGIN\n", "r2": "two"}
    archive.add({"r3": "three"})
    assert dict(archive.since(first.end_bytes).texts) == {"r3": "three"}
    whole = archive.since(0)
    assert list(whole.texts) == ["r1", "r2", "r3"]
    assert archive.since(whole.end_bytes) == ArchivedManifests({}, whole.end_bytes)
    assert archive.since(whole.end_bytes + 1) == whole, "a place of another archive tells nothing"


def test_what_was_added_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, path = DiskLog(monkeypatch), tmp_path / "purged.manifests"
    archive = ManifestArchive(path)
    archive.add({"r1": "one"})
    assert disk.has(path)
    archive.add({"r2": "two"})
    assert disk.has_bytes(path)


def test_a_torn_line_takes_no_other_with_it(archive: ManifestArchive, tmp_path: Path) -> None:
    path = tmp_path / "purged.manifests"
    archive.add({"r1": "one"})
    archive.add({"r2": "two"})
    content = path.read_bytes()
    for torn in range(content.index(b"\n") + 1, len(content)):
        path.write_bytes(content[:torn])
        at_bytes = archive.since(0).end_bytes
        archive.add({"r3": "three"})
        assert set(archive.since(0).texts) - {"r2"} == {"r1", "r3"}
        assert dict(archive.since(at_bytes).texts) == {"r3": "three"}
        assert archive.since(0).texts.get("r2", "two") == "two"


def test_a_changed_byte_costs_its_line_only(archive: ManifestArchive, tmp_path: Path) -> None:
    path = tmp_path / "purged.manifests"
    archive.add({"r1": "one", "r2": "two"})
    content = path.read_bytes()
    for at in (0, content.index(b"one")):
        path.write_bytes(content[:at] + b"#" + content[at + 1 :])
        assert dict(archive.since(0).texts) == {"r2": "two"}
