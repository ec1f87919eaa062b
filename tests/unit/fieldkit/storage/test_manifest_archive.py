"""What was archived is there whole, whatever became of what was appended after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.durable import DiskLog

from fieldkit.ports.sealed_files import ArchivedManifests
from fieldkit.storage.manifest_archive import ManifestArchive


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
