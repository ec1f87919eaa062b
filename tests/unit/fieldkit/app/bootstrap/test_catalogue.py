from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fieldkit.app.bootstrap.catalogue import LANGUAGES, Catalogue, FieldCatalogue, field_catalogue, strict_catalogue
from fieldkit.domain.errors import Problem, reason_of
from fieldkit.ports.messages import Messages, ProblemText

KIRIM = '"kirim.title" = "Antrean dan kirim"\n"kirim.left" = "Sisa {count} rekaman"\n'
VAULT = '["vault.wrong_passphrase"]\nwhat = "Tidak cocok."\nsafe = "Aman."\ndo = "Tersisa {left} kali."\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "id").mkdir()
    (tmp_path / "id" / "kirim.toml").write_text(KIRIM, "utf-8")
    (tmp_path / "id" / "vault.toml").write_text(VAULT, "utf-8")
    (tmp_path / "id" / "notes.txt").write_text("not a catalogue", "utf-8")
    return tmp_path


@pytest.fixture
def strict(folder: Path) -> Catalogue:
    return strict_catalogue("id", folder)


@pytest.fixture
def field(folder: Path) -> FieldCatalogue:
    return field_catalogue("id", folder)


def test_both_speak_the_sentences_of_every_room(strict: Catalogue, field: FieldCatalogue) -> None:
    catalogues: tuple[Messages, ...] = (strict, field)
    for messages in catalogues:
        assert messages.text("kirim.title") == "Antrean dan kirim"
        assert messages.text("kirim.left", count=3) == "Sisa 3 rekaman"
        assert messages.problem(Problem("vault.wrong_passphrase", {"left": 2})) == ProblemText(
            what="Tidak cocok.", safe="Aman.", do="Tersisa 2 kali."
        )


@pytest.mark.parametrize(
    "odd",
    [
        '"a.b" = "c" # a note\n',
        '# a note\n"a.b" = "c"\n',
        "\"a.b\" = 'c'\n",
        '"a.b"="c"\n',
        '"a.b" = """\nc"""\n',
        '"a.b" = "c\\"d \\u00e9"\n',
        '"a.b" = "c"\r\n"d" = "e"\r\n',
        '["x"]\ndo = "c"\nwhat = "a"\nsafe = "b"\n\n  \n["y"]\n\nwhat = "a = b"\nsafe = ""\ndo = "c"\n',
    ],
)
def test_the_field_reads_every_room_as_toml_means_it(tmp_path: Path, odd: str) -> None:
    (tmp_path / "id").mkdir()
    (tmp_path / "id" / "a.toml").write_bytes(odd.encode())
    strict, field = strict_catalogue("id", tmp_path), field_catalogue("id", tmp_path)
    field.text("a.b"), field.problem(Problem("x"))
    assert (field._labels, field._problems) == (strict._labels, strict._problems)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_field_reads_what_is_shipped_as_toml_means_it(language: str) -> None:
    strict, field = strict_catalogue(language), field_catalogue(language)
    for key in strict._labels:
        field.text(key)
    for code in strict._problems:
        field.problem(Problem(code))
    assert (field._labels, field._problems) == (strict._labels, strict._problems)


def test_strict_raises_for_what_is_missing(strict: Catalogue) -> None:
    with pytest.raises(KeyError, match=r"kirim\.unknown"):
        strict.text("kirim.unknown")
    with pytest.raises(KeyError, match="count"):
        strict.text("kirim.left")
    with pytest.raises(KeyError, match=r"vault\.unknown"):
        strict.problem(Problem("vault.unknown"))


def test_the_field_shows_the_name_of_what_is_missing(field: FieldCatalogue) -> None:
    assert field.text("kirim.unknown", count=3) == "kirim.unknown"
    assert field.text("kirim.left") == "Sisa {count} rekaman"
    assert field.problem(Problem("vault.unknown")) == ProblemText("vault.unknown", "", "")
    assert field.problem(Problem("vault.wrong_passphrase")).do == "Tersisa {left} kali."


def test_a_language_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="'nl'"):
        strict_catalogue("nl", folder)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_catalogue_knows_no_unknown_key(language: str) -> None:
    with pytest.raises(KeyError):
        strict_catalogue(language).text("nobody.says_this")


@pytest.mark.parametrize(("language", "words"), [("id", "tidak ada izin"), ("en", "no permission")])
def test_a_reason_within_a_sentence_is_said_in_its_language(language: str, words: str) -> None:
    problem = Problem("cli.unreadable", {"file": "/media/usb/slip.txt", "detail": "reason.denied"})
    for messages in (strict_catalogue(language), field_catalogue(language)):
        assert words in messages.problem(problem).what


def test_every_reason_of_the_system_has_its_words() -> None:
    for number in errno.errorcode:
        reason = reason_of(OSError(number, ""))
        if reason.startswith("reason."):
            assert strict_catalogue("id").text(reason)
