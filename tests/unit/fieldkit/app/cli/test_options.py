from __future__ import annotations

import io
from pathlib import Path

import pytest

from fieldkit.app.cli.options import home_at, passphrase_from
from fieldkit.domain.errors import InputError


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
