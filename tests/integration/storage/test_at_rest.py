"""Whoever takes the disk reads nothing, and what was erased is not there even for somebody with the key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from support.kept import KEY, NAME, NIK, NOW, activity, biodata, fill_queue, open_kit, sample, session, target
from support.planted import PlantedBug, demand_caught

from fieldkit.domain.recording.session import Phase
from fieldkit.storage.engine import outside_transaction, writer_engine

SAMPLE = b"FIR\0" + bytes(range(7, 251))
SECRETS = [NIK.encode(), NAME.encode(), NAME.split()[0].lower().encode(), SAMPLE, b"CREATE TABLE"]
PAGE, IV, HMAC = (
    4096,
    16,
    64,
)  # SQLCipher 4: each page ends in its IV and its HMAC-SHA512; the first begins with the salt


def found_in(home: Path) -> set[bytes]:
    raw = [path.read_bytes() for path in home.iterdir() if path.is_file()]
    return {secret for secret in SECRETS if any(secret in content for content in raw)}


def decrypted_pages(path: Path) -> bytes:
    """Return every page in the clear, those that no table uses any more too."""
    content = path.read_bytes()
    clear = []
    for start in range(0, len(content), PAGE):
        page = content[start : start + PAGE]
        vector = page[PAGE - HMAC - IV : PAGE - HMAC]
        aes = Cipher(algorithms.AES256(KEY), modes.CBC(vector)).decryptor()
        clear.append(aes.update(page[16 if start == 0 else 0 : PAGE - HMAC - IV]) + aes.finalize())
    return b"".join(clear)


def test_nothing_is_readable_on_the_disk_at_any_moment(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    with store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target()])
        unit.sessions.save(replace(session(), phase=Phase.CAPTURING, biodata=biodata()))
        unit.sessions.put_samples("session-1", {"s": sample(SAMPLE * 50)})
        unit.events.append("attempt_made", "session-1", {"samples": 1}, "user-1", NOW)
    fill_queue(store, [1])
    assert (tmp_path / "kit.db-wal").stat().st_size > len(SAMPLE) * 50
    assert found_in(tmp_path) == set()
    store.close()
    assert found_in(tmp_path) == set()

    # The planted bug: the same store in the clear. The search must see everything there.
    engine = writer_engine(tmp_path / "kit.db", KEY)
    outside_transaction(engine, f"ATTACH DATABASE '{tmp_path / 'clear.db'}' AS clear KEY ''")
    outside_transaction(engine, "SELECT sqlcipher_export('clear')")
    engine.dispose()
    assert found_in(tmp_path) == set(SECRETS)


def erase_a_session(home: Path, secure_delete: str) -> bytes:
    """Record and erase, and return the pages of the file in the clear, with the kit still running."""
    store = open_kit(home)
    with store.write() as unit:
        unit.activities.save(activity())
        unit.sessions.save(replace(session(), phase=Phase.REFUSED, biodata=biodata()))
        unit.sessions.put_samples("session-1", {"s": sample(SAMPLE * 50)})
    with store.write() as unit:
        unit.connection.exec_driver_sql(f"PRAGMA secure_delete = {secure_delete}")
        unit.sessions.erase("session-1")
    assert (home / "kit.db-wal").stat().st_size == 0
    clear = decrypted_pages(home / "kit.db")
    store.close()
    return clear


def test_erased_session_is_gone_from_every_page(tmp_path: Path) -> None:
    clear = erase_a_session(tmp_path, "ON")
    assert b"session-1" in clear
    assert SAMPLE not in clear
    assert NAME.encode() not in clear
    assert NIK.encode() not in clear


def test_pages_would_show_what_was_only_forgotten(tmp_path: Path) -> None:
    bug = PlantedBug("secure_delete is off", "^the sample stands in a free page$")
    clear = erase_a_session(tmp_path, "OFF")
    demand_caught(["the sample stands in a free page"] if SAMPLE in clear else [], bug)
