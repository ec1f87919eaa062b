from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import ADMIN, furnish
from support.settings import field, opened, wrong

from fieldkit.domain.letters.letter import LetterKind
from ui.presenters.presenter import message

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, ADMIN)
    furnish(kit)
    yield kit
    kit.store.close()


def test_lines_head_and_logo_are_kept(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    presenter = opened(kit)
    assert field(presenter, "regency").text == "Kabupaten Blitar"
    assert field(presenter, "logo").note == message("pengaturan.logo_missing")
    presenter.type_field("contact", " 0342 123456 ")
    assert field(presenter, "head").text == "-"
    presenter.tick_line("head", "s1")
    presenter.tick_line("logo", "s2")
    presenter.tick_line("head", "")  # the field was emptied on the way to another name
    assert field(presenter, "head").text == "s1"
    assert [choice.name for choice in field(presenter, "head").choices] == ["-", "s3", "s1", "s2", "s4"]
    presenter.type_field("logo", str(tmp_path / "logo.png"))
    presenter.accept()
    kept = kit.context.office.letterhead.read()
    assert (kept.contact, kept.head) == ("0342 123456", "s1")
    with kit.store.read() as unit:
        assert unit.attachments.get(kept.logo).content == PNG
    assert field(presenter, "logo").text == ""
    assert field(presenter, "logo").note == message("pengaturan.logo_there")
    presenter.tick_line("head", "-")
    presenter.accept()
    assert kit.context.office.letterhead.read().head == ""


def test_a_file_that_is_no_picture_changes_nothing(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "logo.txt").write_bytes(b"halo")
    presenter = opened(kit)
    presenter.type_field("city", "Wlingi")
    for path, code in (("logo.txt", "letter.logo_wrong"), ("none.png", "list.unreadable")):
        presenter.type_field("logo", str(tmp_path / path))
        presenter.accept()
        assert wrong(presenter) == code
        assert field(presenter, "logo").problem is not None
    assert kit.context.office.letterhead.read().city == "Blitar"


def test_a_pattern_shows_its_example_while_it_is_typed(kit: Kit) -> None:
    presenter = opened(kit, "nomor")
    presenter.point_line("letters", "surat_tugas")
    assert field(presenter, "pattern").text == "800.1.11.1/{nomor}/{kode}/{tahun}"
    assert field(presenter, "pattern").note == message("pengaturan.example", number="800.1.11.1/123/409.12/2026")
    presenter.type_field("pattern", "094/{nomor")
    assert field(presenter, "pattern").note == message("pengaturan.example_none")
    presenter.accept()
    assert wrong(presenter) == "letter.pattern_wrong"
    presenter.type_field("pattern", "094/{nomor}/{bulan_romawi}/{tahun}")
    presenter.point_line("letters", "spj")
    presenter.accept()
    kept = kit.context.office.letterhead.read()
    assert kept.pattern(LetterKind.SURAT_TUGAS) == "094/{nomor}/{bulan_romawi}/{tahun}"
    assert kept.dinas.startswith("Dinas")


def test_an_empty_pattern_goes_back_to_the_usual_one(kit: Kit) -> None:
    presenter = opened(kit, "nomor")
    presenter.point_line("letters", "spj")
    presenter.type_field("pattern", "1/{nomor}")
    presenter.accept()
    assert dict(kit.context.office.letterhead.read().patterns) == {"spj": "1/{nomor}"}
    presenter.type_field("pattern", "")
    presenter.accept()
    assert dict(kit.context.office.letterhead.read().patterns) == {}
    assert field(presenter, "pattern").text == "900.1.3/{nomor}/{kode}/{tahun}"
    presenter.type_field("pattern", "900.1.3/{nomor}/{kode}/{tahun}")
    presenter.accept()
    assert dict(kit.context.office.letterhead.read().patterns) == {}, "the usual one is nobody's own"


def test_the_pattern_is_of_the_letter_under_the_cursor(kit: Kit) -> None:
    presenter = opened(kit, "nomor")
    first = field(presenter, "letters").lines[0]
    presenter.point_line("letters", "nobody")
    assert field(presenter, "pattern").text == first.detail
    presenter.type_field("letters", "x")
    assert field(presenter, "pattern").text == first.detail
    presenter.type_field("pattern", "")
    assert field(presenter, "letters").lines[0].detail == message("pengaturan.no_pattern")


def test_without_the_code_of_the_dinas_the_example_says_what_is_missing(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type_field("code", "")
    presenter.accept()
    presenter.choose_section("nomor")
    assert field(presenter, "pattern").note == message("pengaturan.code_first")


def test_letterhead_and_patterns_do_not_undo_each_other(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type_field("city", "Wlingi")
    presenter.choose_section("nomor")
    presenter.type_field("pattern", "7/{nomor}")
    presenter.accept()
    presenter.choose_section("kop")
    presenter.accept()
    kept = kit.context.office.letterhead.read()
    assert kept.city == "Wlingi"
    assert list(kept.patterns.values()) == ["7/{nomor}"]
