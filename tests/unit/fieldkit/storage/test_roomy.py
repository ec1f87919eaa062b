"""On a true small disk: what SQLite makes of a full one is not ours to imitate."""

from __future__ import annotations

from pathlib import Path

from support.small_disk import on_a_small_disk

PROGRAM = """
import os, sys
from pathlib import Path
from support.kept import open_kit
from fieldkit.domain.errors import KnownError
from fieldkit.storage import roomy
from fieldkit.storage.reserve import Reserve

home = Path(sys.argv[1])
if len(sys.argv) > 2:  # planted: what SQLite took back is not done again
    roomy.RoomyConnection.run = lambda self, method, statement, parameters, step: self.again(step)
reserve, others = Reserve(home / "kit.reserve"), home / "others"
store = open_kit(home)
with store.write() as unit:
    unit.connection.exec_driver_sql("CREATE TABLE kept (name TEXT, content BLOB)")
reserve.keep()

def fill():
    try:
        with others.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(512))
    except OSError:
        pass

def write(name, *sizes):
    try:
        with store.write() as unit:
            rows = [(f"{name} {n}", os.urandom(size)) for n, size in enumerate(sizes)]
            unit.connection.exec_driver_sql("INSERT INTO kept VALUES (?, ?)", rows)
            unit.connection.exec_driver_sql("UPDATE kept SET name = name || '!' WHERE name = ?", (f"{name} 0",))
        print(name, "saved", reserve.is_given_up)
    except KnownError as error:
        print(name, error.code, reserve.is_given_up)

fill()
write("large", 100_000)
write("few", *[20_000] * 3)
write("more", 100_000)
for n in range(120):
    with store.write() as unit:
        unit.connection.exec_driver_sql("INSERT INTO kept VALUES (?, ?)", ("small", os.urandom(1000)))
others.unlink()
write("again", 100_000)
store.close()
store = open_kit(home, ids="later")
with store.read() as unit:
    found = unit.connection.exec_driver_sql("SELECT name FROM kept WHERE name != 'small' ORDER BY name").scalars()
    print(*found, sep=",")
store.close()
"""


def test_a_transaction_without_room_is_done_again_with_the_reserve(tmp_path: Path) -> None:
    said = on_a_small_disk(tmp_path, 14, "-c", PROGRAM, str(tmp_path))
    assert said[:3] == ["large store.disk_full False", "few saved True", "more store.disk_full True"]
    assert said[-2:] == ["again saved False", "again 0!,few 0!,few 1,few 2"]


def test_the_planted_bug_is_caught(tmp_path: Path) -> None:
    said = on_a_small_disk(tmp_path, 14, "-c", PROGRAM, str(tmp_path), "bug")
    called_saved = {words.split()[0] for words in said[:3] if " saved " in words}
    assert not called_saved <= {name.split()[0] for name in said[-1].split(",")}
