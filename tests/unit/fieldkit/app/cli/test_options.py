from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
import typer

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.app.cli.commands import parser
from fieldkit.app.cli.options import (
    NeverCancelled,
    NoProgress,
    demand_free,
    home_at,
    new_private,
    passphrase_from,
    usage_problem,
    write_private,
)
from fieldkit.domain.errors import InputError
from fieldkit.ports.delivery import SyncProgress
from fieldkit.ports.devices import Cancel


def test_the_home_is_what_was_chosen_or_the_usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDKIT_HOME", str(tmp_path / "usual"))
    monkeypatch.chdir(tmp_path)
    assert home_at(None).path == tmp_path / "usual"
    assert home_at(Path("here")).path == tmp_path / "here"


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [("sawah hijau\n", "sawah hijau"), ("sawah hijau", "sawah hijau"), (" é \nmore\n", " é "), ("", "")],
)
def test_the_first_line_of_the_file_is_the_passphrase(tmp_path: Path, content: str, passphrase: str) -> None:
    file = tmp_path / "passphrase"
    file.write_text(content, "utf-8")
    assert passphrase_from(file) == passphrase


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "passphrase"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        passphrase_from(file)
    assert (caught.value.code, caught.value.problem.params["file"]) == ("cli.unreadable", str(file))


def test_without_a_file_and_a_person_there_is_no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("sawah hijau\n"))
    with pytest.raises(InputError) as caught:
        passphrase_from(None)
    assert caught.value.code == "cli.no_passphrase"


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


def test_nobody_watches_and_nobody_cancels() -> None:
    quiet = NoProgress()
    quiet.offer(SyncProgress("sync.step.hello"))
    quiet.offer(b"\xff\xd8")
    assert isinstance(NeverCancelled(), Cancel)
    assert not NeverCancelled().is_cancelled()


ENGLISH = ("Missing", "Invalid", "No such", "Possible", "argument", "expected", "unexpected", "Choose from", "Input")


def _detail(words: list[str], language: str) -> str:
    with pytest.raises(typer.TyperException) as raised:
        parser()(words, standalone_mode=False)
    problem = usage_problem(raised.value, strict_catalogue(language))
    return str(problem.params["detail"])


@pytest.mark.parametrize(
    ("words", "detail"),
    [
        (["capture"], "MODALITY belum diisi"),
        (["demo"], "--out belum diisi"),
        (["capture", "toes", "--out", "x"], "MODALITY tidak mengenal toes; pilih fingers, iris, face"),
        (["demo", "--out", "x", "--people", "many"], "nilai --people tidak bisa dipakai"),
        (["demo", "--out", "x", "--people", "0"], "nilai --people tidak bisa dipakai"),
        (["queue", "--bla"], "tidak ada pilihan --bla"),
        (["demo", "--out"], "--out memerlukan nilai"),
        (["no-such-command"], "tidak ada perintah no-such-command"),
        (["gateway", "no-such-command"], "tidak ada perintah no-such-command"),
        (["audit", "verify", "surplus"], "ada kata yang berlebih: surplus"),
    ],
)
def test_what_is_wrong_is_said_without_the_parsers_words(words: list[str], detail: str) -> None:
    assert _detail(words, "id") == detail
    for language in LANGUAGES:
        assert not [word for word in ENGLISH if word in _detail(words, language)]


def test_a_mistyped_option_names_its_neighbours() -> None:
    assert "--people" in _detail(["demo", "--peple", "3"], "id")


def test_an_error_that_nobody_knows_is_still_a_sentence() -> None:
    problem = usage_problem(typer.TyperException("something new"), strict_catalogue("id"))
    assert problem.params == {"detail": "cara menulisnya tidak dikenal"}
