from __future__ import annotations

from pathlib import Path

from support.kept import KEY, activity, open_kit

from fieldkit.storage.page_proof import key_fits


def test_any_whole_page_proves_the_key(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    with store.write() as unit:
        unit.activities.save(activity())
    store.close()
    path = tmp_path / "kit.db"
    whole = path.read_bytes()
    assert key_fits(path, KEY)
    assert not key_fits(path, bytes(32))
    path.write_bytes(whole[:16] + bytes(4096 * 3 - 16) + whole[4096 * 3 :])
    assert key_fits(path, KEY)
    path.write_bytes(whole[:4096])  # the first page alone is proof too: its salt is not part of what is signed
    assert key_fits(path, KEY)
    path.write_bytes(bytes(16) + whole[16:])  # without its salt no page can be told
    assert not key_fits(path, KEY)
    assert not key_fits(tmp_path / "nothing", KEY)
