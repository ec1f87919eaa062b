"""What stands behind "saved means saved" and "nobody reads it"."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from fieldkit.domain.errors import VaultError
from fieldkit.storage import engine as engines
from fieldkit.storage import engine as freed_memory
from fieldkit.storage.engine import (
    fits,
    give_back,
    is_overwritten,
    lone_connection,
    not_waiting,
    one_connection,
    outside_transaction,
    reader_engine,
    writer_engine,
)

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "kit.db"
    engine = writer_engine(path, KEY)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x TEXT)")
        connection.exec_driver_sql("INSERT INTO t VALUES ('Sulastri')")
    engine.dispose()
    return path


def test_writer_syncs_every_commit_and_overwrites_what_is_deleted(path: Path) -> None:
    engine = writer_engine(path, KEY)
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "temp_store": 2,
        "recursive_triggers": 1,
        "query_only": 0,
        "wal_autocheckpoint": 4000,
    }
    assert {name: outside_transaction(engine, f"PRAGMA {name}")[0] for name in wanted} == wanted
    engine.dispose()


@pytest.mark.parametrize(("level", "meanwhile"), [(2, 1), (1, 1), (0, 0)])
def test_what_is_not_waited_for_is_waited_for_again_afterwards(path: Path, level: int, meanwhile: int) -> None:
    engine = writer_engine(path, KEY)
    outside_transaction(engine, f"PRAGMA synchronous = {level}")
    with not_waiting(engine):
        assert outside_transaction(engine, "PRAGMA synchronous") == (meanwhile,)
    assert outside_transaction(engine, "PRAGMA synchronous") == (level,)
    with pytest.raises(DBAPIError, match="no such table"), not_waiting(engine), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM nowhere")
    assert outside_transaction(engine, "PRAGMA synchronous") == (level,)
    engine.dispose()


@pytest.mark.parametrize(("is_overwritten", "mode"), [(True, "0"), (False, "1")])
def test_sqlcipher_wipes_memory_where_the_c_library_does_not(path: Path, is_overwritten: bool, mode: str) -> None:
    # In a process of its own: once on, memory security stays on.
    look = (
        "import sys; from pathlib import Path; from fieldkit.storage import engine\n"
        f"engine.is_overwritten = lambda: {is_overwritten}\n"
        "opened = engine.writer_engine(Path(sys.argv[1]), bytes(range(32)))\n"
        "print(*engine.outside_transaction(opened, 'PRAGMA cipher_memory_security'))"
    )
    found = subprocess.run([sys.executable, "-c", look, str(path)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == mode


@pytest.mark.skipif(sys.platform != "linux", reason="a process reads its own memory through /proc")
@pytest.mark.parametrize("is_as_it_was", [False, True], ids=["as it is", "by a statement"])
def test_no_text_of_the_key_stays_in_memory(path: Path, is_as_it_was: bool) -> None:
    # In a process of its own: other tests write keys as text.
    look = (
        "import sys; from pathlib import Path; from fieldkit.storage import engine\n"
        "from support.own_memory import places_of\n"
        "def by_statement(connection, key): connection.execute(f'PRAGMA key = \"x\\'{key.hex()}\\'\"')\n"
        f"if {is_as_it_was}: engine._hand_over = by_statement\n"
        "key = bytes(range(32))\n"
        "opened = [make(Path(sys.argv[1]), key) for make in (engine.writer_engine, engine.reader_engine)]\n"
        "for each in opened: engine.outside_transaction(each, 'PRAGMA user_version')\n"
        "print(places_of(key))"
    )
    tests = str(Path(__file__).parents[3])
    found = subprocess.run(
        [sys.executable, "-c", look, str(path)], capture_output=True, text=True, check=True, env={"PYTHONPATH": tests}
    )
    assert (int(found.stdout) > 0) is is_as_it_was, found.stdout


class Opened:
    """What a connection is told."""

    def __init__(self, refusal: str = "") -> None:
        self._refusal = refusal
        self.told: list[str] = []
        self.key = bytearray()
        self.is_closed = False

    def set_key(self, key: bytearray) -> None:
        self.key = key

    def execute(self, statement: str) -> SimpleNamespace:
        self.told.append(statement)
        if self._refusal and "sqlite_schema" in statement:
            raise dbapi2.DatabaseError(self._refusal)
        return SimpleNamespace(fetchone=lambda: (0,))

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("is_overwritten", [True, False])
def test_a_connection_wipes_its_memory_or_leaves_it_to_the_c_library(
    path: Path, monkeypatch: pytest.MonkeyPatch, is_overwritten: bool
) -> None:
    opened = Opened()
    monkeypatch.setattr(engines, "RoomyConnection", lambda *_, **__: opened)
    monkeypatch.setattr(freed_memory, "is_overwritten", lambda: is_overwritten)
    with one_connection(path, KEY):
        assert not opened.is_closed
    assert opened.is_closed
    assert ("PRAGMA cipher_memory_security = ON" in opened.told) is not is_overwritten
    assert (len(opened.key), set(opened.key)) == (67, {0}), "no text of the key is left"


@pytest.mark.parametrize(
    ("refusal", "raised"),
    [("file is not a database", VaultError), ("database disk image is malformed", dbapi2.DatabaseError)],
)
def test_a_file_that_does_not_open_is_let_go(
    path: Path, monkeypatch: pytest.MonkeyPatch, refusal: str, raised: type[Exception]
) -> None:
    opened = Opened(refusal)
    monkeypatch.setattr(engines, "RoomyConnection", lambda *_, **__: opened)
    with pytest.raises(raised):
        lone_connection(path, KEY)
    assert opened.is_closed


def test_a_transaction_is_whole_and_a_pragma_stands_outside_of_it(path: Path) -> None:
    def names(engine: Engine) -> list[str]:
        with engine.connect() as connection:
            return [str(name) for (name,) in connection.exec_driver_sql("SELECT x FROM t")]

    def fail(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM t")
        raise KeyError

    engine = writer_engine(path, KEY)
    with pytest.raises(KeyError), engine.begin() as opened:
        fail(opened)
    assert names(engine) == ["Sulastri"]
    assert outside_transaction(engine, "PRAGMA foreign_keys = OFF") == ()
    engine.dispose()
    reader = reader_engine(path, KEY)
    outside_transaction(reader, "PRAGMA user_version")
    assert reader.pool.checkedout() == 0  # type: ignore[attr-defined]
    reader.dispose()


def test_each_way_to_open_may_do_what_it_is_for(path: Path) -> None:
    def settings(connection: object) -> dict[str, int]:
        names = ("query_only", "secure_delete", "cache_size", "foreign_keys")
        return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}  # type: ignore[attr-defined]

    reads, writes = {"query_only": 1, "cache_size": -16000}, {"query_only": 0, "secure_delete": 1}
    with one_connection(path, KEY, is_read_only=True) as reader:
        assert settings(reader).items() >= reads.items()
    with one_connection(path, KEY) as writer:
        assert settings(writer).items() >= writes.items()
    lone = lone_connection(path, KEY)
    assert settings(lone).items() >= reads.items()
    lone.execute("PRAGMA query_only = OFF")
    with pytest.raises(dbapi2.OperationalError, match="readonly"):
        lone.execute("DELETE FROM t")
    lone.close()
    with pytest.raises(dbapi2.OperationalError):
        lone_connection(path.with_name("nothing.db"), KEY)
    assert not path.with_name("nothing.db").exists()


def test_whether_a_key_fits_is_asked_without_a_trace(path: Path) -> None:
    before = path.read_bytes()
    assert (fits(path, KEY), fits(path, bytes(32))) == (True, False)
    assert [entry.name for entry in path.parent.iterdir()] == ["kit.db"]
    assert path.read_bytes() == before


def test_reader_cannot_write(path: Path) -> None:
    engine = reader_engine(path, KEY)
    with pytest.raises(DBAPIError, match="readonly"), engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES ('x')")
    engine.dispose()


def test_file_is_not_readable_without_the_key(path: Path) -> None:
    content = path.read_bytes()
    assert not content.startswith(b"SQLite format 3")
    assert b"Sulastri" not in content


@pytest.mark.parametrize("open_engine", [writer_engine, reader_engine])
def test_wrong_key_is_named_and_silent(
    path: Path, open_engine: Callable[..., Engine], capfd: pytest.CaptureFixture[str]
) -> None:
    engine = open_engine(path, bytes(32))
    with pytest.raises(VaultError) as caught, engine.connect():
        pass
    assert caught.value.code == "store.wrong_key"
    assert capfd.readouterr() == ("", "")


def test_key_of_another_length_is_our_mistake(path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"), writer_engine(path, b"short").connect():
        pass


def test_error_does_not_tell_the_values(path: Path) -> None:
    engine = writer_engine(path, KEY)
    with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (?)", ("3275014708790003",))
    assert "3275014708790003" not in str(caught.value)
    engine.dispose()


# Larger than what malloc hands back at once to the same thread without looking at it.
_LOOK = """
import ctypes, sys
from fieldkit.storage.engine import is_overwritten
if sys.argv[1] == "overwrite":
    assert is_overwritten()
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
block, wall = c.malloc(8_000), c.malloc(8_000)
ctypes.memset(block, ord("S"), 8_000)
c.free(block)
sys.stdout.write(str(ctypes.string_at(block + 4_000, 1)))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc overwrites what is freed")
@pytest.mark.parametrize(("way", "left"), [("overwrite", "b'Z'"), ("leave", "b'S'")])
def test_freed_memory_is_overwritten(way: str, left: str) -> None:
    found = subprocess.run([sys.executable, "-c", _LOOK, way], capture_output=True, text=True, check=True)
    assert found.stdout == left


@pytest.mark.parametrize(
    ("system", "switch", "answer", "is_asked", "is_done"),
    [
        ("linux", None, 1, True, True),
        ("linux", "0", 1, True, True),
        ("linux", "0", 0, True, False),
        ("linux", "0", None, False, False),  # musl
        ("linux", "165", 1, False, True),
        ("win32", "0", 1, False, False),
        ("darwin", "165", 1, False, False),
    ],
)
def test_only_glibc_without_a_switch_of_its_own_is_asked(
    monkeypatch: pytest.MonkeyPatch, system: str, switch: str | None, answer: int | None, is_asked: bool, is_done: bool
) -> None:
    asked: list[tuple[int, int]] = []

    def mallopt(*given: int) -> int | None:
        asked.append(given)  # type: ignore[arg-type]
        return answer

    names: dict[str, Callable[..., object]] = {} if answer is None else {"mallopt": mallopt}
    is_overwritten.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", system)
        patch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(**names))
        patch.delenv("MALLOC_PERTURB_", raising=False)
        if switch is not None:
            patch.setenv("MALLOC_PERTURB_", switch)
        assert is_overwritten() is is_done
    is_overwritten.cache_clear()
    assert asked == [(-6, 0x5A)] * is_asked


_KEEP_ONE_OF_MANY = """
import ctypes, os
from fieldkit.storage.engine import give_back
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
pages = lambda: int(open("/proc/self/statm").read().split()[1])
blocks = [c.malloc(60_000) for _ in range(1_000)]
for block in blocks:
    ctypes.memset(block, 1, 60_000)
for block in blocks[:-1]:
    c.free(block)
held = pages()
give_back()
print((held - pages()) * os.sysconf("SC_PAGE_SIZE") // 1_000_000)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc holds what is freed")
def test_what_lies_free_below_something_kept_goes_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", _KEEP_ONE_OF_MANY], capture_output=True, text=True, check=True)
    assert int(done.stdout) >= 50


@pytest.mark.parametrize("system", ["linux", "win32"])
def test_where_the_library_cannot_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())
    give_back()
