from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.clock import HandClock
from support.hostile import KINDS, outside_of, seen

from fieldkit.domain.errors import InputError
from fieldkit.media.place import Place
from fieldkit.vault import age, certificates
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway.blobs import Content, ContentDiffersError
from sync.gateway.database import GatewayContext
from sync.gateway.operations import backup_set
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.backup_set import BACKUP_TYP, BackupObjects, BackupSet, Unlock, the_backup, word_on
from sync.gateway.operations.restore import Target, check_backup, restore
from tests.unit.sync.gateway.operations.conftest import Arrive

pytestmark = pytest.mark.timeout(120)  # a pipe that is waited for never ends
CONTENT = Content(3, hashlib.sha256(b"abc").hexdigest())


@pytest.fixture
def made(gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive) -> BackupSet:
    arrive(), arrive()
    return make_backup(gateway_context, folder, tmp_path / "b").made


def altered(made: BackupSet, unlock: Unlock, name: str, change: Callable[[bytes], bytes]) -> BackupSet:
    """Change a file of a backup as whoever has its key can, and sign it anew with the key that is in it."""
    opened = made.open(unlock)
    key = age.Identity.parse(opened.key_text)
    receipt = certificates.private_from_pem(opened.gateway_files()["receipt.key.pem"].decode())
    file = made.folder / name
    is_closed = name.endswith(".age")
    plain = change(age.decrypt(file.read_bytes(), [key]) if is_closed else file.read_bytes())
    file.write_bytes(age.encrypt(plain, [key.recipient]) if is_closed else plain)
    words = [word_on(name, file.read_bytes()) if each.name == name else each for each in made.statement.files]
    said = made.statement.model_copy(update={"files": tuple(words)}).model_dump(mode="json")
    (made.folder / "backup.jws").write_text(JwsSigner(receipt, "x").sign(said, BACKUP_TYP))
    return BackupSet.read(made.folder)


def test_an_object_is_stored_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    objects = BackupObjects(Place(tmp_path))
    objects.make()
    with pytest.raises(ContentDiffersError):
        objects.put_checked("down/x", [b"abd"], CONTENT)
    assert list((tmp_path / "objects" / "down").iterdir()) == []
    objects.put_checked("down/x", [b"a", b"bc"], CONTENT)
    assert objects.is_whole("down/x", CONTENT)
    assert b"".join(objects.pieces("down/x", CONTENT)) == b"abc"
    with pytest.raises(FileNotFoundError):
        list(objects.pieces("down/x", Content(4, CONTENT.sha256)))


def test_what_a_run_that_died_left_half_is_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "objects" / "down"
    folder.mkdir(parents=True)
    (folder / f".{16 * 'a'}.part").write_bytes(b"half")
    BackupObjects(Place(tmp_path)).put_checked("down/x", [b"abc"], CONTENT)
    assert [path.name for path in folder.iterdir()] == ["x"]


def test_only_what_a_backup_names_is_kept(tmp_path: Path) -> None:
    objects = BackupObjects(Place(tmp_path))
    for key in ("sealed/2026-11-25/a", "sealed/2026-11-25/b", "down/x"):
        objects.put_checked(key, [b"abc"], CONTENT)
    objects.keep_only({"sealed/2026-11-25/b"})
    assert [path.name for path in (tmp_path / "objects").rglob("*") if path.is_file()] == ["b"]


@pytest.mark.parametrize("kind", [*KINDS])
def test_what_is_no_file_is_a_missing_object(made: BackupSet, recovery: Unlock, tmp_path: Path, kind: str) -> None:
    outside = outside_of(tmp_path)
    before, victim = seen(outside), next(made.listed())
    place = tmp_path / "b" / "objects" / victim.key
    place.unlink()
    KINDS[kind](place, outside)
    assert check_backup(made, None).damaged == (victim.key,)
    assert restore(made, recovery, Target(tmp_path / "new")).damaged == (victim.key,)
    assert seen(outside) == before


def test_a_folder_of_objects_that_leads_elsewhere_holds_none(
    made: BackupSet, tmp_path: Path, gateway_context: GatewayContext, folder: Path, clock: HandClock
) -> None:
    (tmp_path / "b" / "objects").rename(tmp_path / "elsewhere")
    (tmp_path / "b" / "objects").symlink_to(tmp_path / "elsewhere")
    assert len(check_backup(made, None).damaged) == 2
    clock.advance(seconds=1)
    with pytest.raises(OSError, match="symbolic links"):
        make_backup(gateway_context, folder, tmp_path / "b")


@pytest.mark.parametrize("name", ["lock", "backups", "objects"])
def test_a_backup_is_made_through_no_link(
    tmp_path: Path, gateway_context: GatewayContext, folder: Path, name: str
) -> None:
    outside = outside_of(tmp_path)
    outside.chmod(0o755)
    (tmp_path / "b").mkdir()
    KINDS["dangling" if name == "lock" else "folder_link"](tmp_path / "b" / name, outside)
    with pytest.raises(OSError, match="symbolic links"):
        make_backup(gateway_context, folder, tmp_path / "b")
    assert [path.name for path in outside.iterdir()] == ["victim"]
    assert outside.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("kind", ["link", "folder_link", "pipe", "device"])
def test_what_lies_where_an_object_goes_is_replaced_or_told(
    tmp_path: Path, gateway_context: GatewayContext, folder: Path, arrive: Arrive, kind: str
) -> None:
    outside, (_, sha256) = outside_of(tmp_path), arrive()
    before = seen(outside)
    day = tmp_path / "b" / "objects" / "sealed" / f"{gateway_context.clock.now():%Y-%m-%d}"
    day.mkdir(parents=True)
    KINDS[kind](day / sha256, outside)
    KINDS["folder_link"](tmp_path / "b" / ".left", outside)
    assert make_backup(gateway_context, folder, tmp_path / "b").copied == 1
    assert (day / sha256).lstat().st_mode & 0o170000 == 0o100000
    assert seen(outside) == before


def test_names_in_a_backup_lead_nowhere_else(made: BackupSet, recovery: Unlock, tmp_path: Path) -> None:
    """Signed by its own key, as a stranger who knows to whom backups are closed can."""
    found = altered(made, recovery, "objects.jsonl", lambda lines: lines.replace(b'"key":"sealed/', b'"key":"../x/', 1))
    with pytest.raises(InputError, match="backup_damaged"):
        check_backup(found, None)
    found = altered(found, recovery, "objects.jsonl", lambda lines: lines.replace(b'"../x/', b'"sealed/'))
    found = altered(
        found,
        recovery,
        "keys.age",
        lambda files: json.dumps({**json.loads(files), "../evil.pem": b"evil".hex()}).encode(),
    )
    with pytest.raises(InputError, match="backup_foreign"):
        restore(found, recovery, Target(tmp_path / "new"))
    assert not (tmp_path / "evil.pem").exists()


def test_a_line_without_an_end_costs_no_memory(made: BackupSet, recovery: Unlock) -> None:
    found = altered(made, recovery, "objects.jsonl", lambda lines: b" " * 5_000 + lines)
    with pytest.raises(InputError, match="backup_damaged"):
        check_backup(found, None)


def test_a_file_that_is_larger_than_it_is_said_to_be_is_not_read(
    made: BackupSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = next(made.listed())
    for place in (tmp_path / "b" / "objects" / victim.key, made.folder / "database" / "00001.age"):
        os.truncate(place, 1 << 40)  # a hole: it would take hours
    monkeypatch.setattr(Place, "pieces", lambda _: pytest.fail("read"))
    assert not made.objects.is_whole(victim.key, victim.content)
    with pytest.raises(InputError, match="backup_damaged"):
        made.check_files()


def test_what_is_opened_in_one_go_has_a_bound(
    made: BackupSet, recovery: Unlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_set, "_MOST_OPENED_BYTES", 100)
    with pytest.raises(OSError, match="too long"):
        made.open(recovery).gateway_files()
    assert the_backup(tmp_path / "b") == made


def test_a_link_to_the_very_object_is_no_object(tmp_path: Path) -> None:
    objects, key = BackupObjects(Place(tmp_path)), "sealed/2026-11-25/a"
    objects.put_checked(key, [b"abc"], CONTENT)
    assert objects.has(key, CONTENT)
    place = tmp_path / "objects" / key
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert not objects.has(key, CONTENT)
    assert not objects.is_whole(key, CONTENT)
    with pytest.raises(FileNotFoundError):
        list(objects.pieces(key, CONTENT))
