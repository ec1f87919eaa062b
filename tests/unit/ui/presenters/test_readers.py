from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from support.clock import HandClock
from support.hostile import KINDS, outside_of
from support.recording_window import jpeg

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import MaritalStatus
from fieldkit.domain.typed import read_day
from fieldkit.formats.pictures import RecordPictures
from ui.presenters.readers import (
    answer,
    evidence,
    files_beside,
    line,
    moment,
    moments,
    papers,
    photo_text,
    read_file,
    read_marital_status,
)


def test_a_moment_is_read_in_the_time_of_the_dinas() -> None:
    for text in (" 25-11-2026 08.30", "25-11-26 08:30 "):
        assert moment({"at": text}, "at", HandClock()) == datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
    assert moment({"at": "  "}, "at", HandClock()) is None
    assert moments(HandClock(), date(2026, 11, 25))("08.30") == datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


def test_a_field_that_cannot_be_read_is_named() -> None:
    assert answer({"on": " 3-12-26 "}, "on", read_day) == date(2026, 12, 3)
    with pytest.raises(InputError, match=r"typed\.day") as refusal:
        answer({"on": "besok"}, "on", read_day)
    assert refusal.value.problem.field_name == "on"


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "daftar warga.csv"
    file.write_bytes(b"NIK")
    assert read_file(f"'{file}' ") == read_file(file.as_uri()) == ("daftar warga.csv", b"NIK")


def test_a_small_file_takes_little_memory_whatever_the_most_is(tmp_path: Path) -> None:
    file = tmp_path / "kecil"
    file.write_bytes(b"NIK")
    tracemalloc.start()
    try:
        assert read_file(str(file), most=1 << 30)[1] == b"NIK"
        assert read_file(str(file), most=2)[1] == b"NIK"  # one more than the most: who asked sees that it is longer
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("path", ["/tidak/ada.xlsx", "", "\x00", "~nobody-at-all/x", "/dev/zero"])
def test_what_cannot_be_read_is_named(path: str) -> None:
    with pytest.raises(InputError, match=r"list\.unreadable"):
        read_file(path)


def test_a_file_that_is_too_long_is_seen_to_be_and_the_refusal_is_what_was_asked(tmp_path: Path) -> None:
    file = tmp_path / "foto.jpg"
    file.write_bytes(b"12345")
    assert read_file(str(file), most=5) == ("foto.jpg", b"12345")
    assert read_file(str(file), most=3) == ("foto.jpg", b"1234")
    with pytest.raises(InputError, match=r"tte\.file_unreadable"):
        read_file(str(tmp_path / "x"), "tte.file_unreadable")


def test_a_folder_is_no_file_and_each_is_named(tmp_path: Path) -> None:
    for path, name in ((str(tmp_path), tmp_path.name), (" / ", "/")):
        with pytest.raises(InputError, match=r"list\.unreadable") as refusal:
            read_file(path)
        assert refusal.value.problem.params["name"] == name


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_a_file_is_taken_and_nobody_waits_for_it(tmp_path: Path, kind: str) -> None:
    outside = outside_of(tmp_path)
    KINDS[kind](tmp_path / "daftar.csv", outside)
    with pytest.raises(InputError, match=r"list\.unreadable"):
        read_file(str(tmp_path / "daftar.csv"))
    with pytest.raises(InputError, match=r"list\.unreadable"):
        files_beside(str(tmp_path / "daftar.csv"), (".pdf",)) if "folder" not in kind else read_file(str(tmp_path))


def test_files_beside_a_list_are_never_those_of_another_folder(tmp_path: Path) -> None:
    outside = outside_of(tmp_path)
    (outside / "rahasia.pdf").write_bytes(b"x")
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "daftar.csv").write_text("NIK")
    (stick / "map").symlink_to(outside, target_is_directory=True)
    (stick / "1.pdf").symlink_to(outside / "rahasia.pdf")
    assert files_beside(str(stick), (".pdf",))[1] == []


def test_papers_are_files_or_photos_that_stand_among_the_texts(tmp_path: Path) -> None:
    file, photo = tmp_path / "surat.pdf", jpeg()
    file.write_bytes(b"%PDF-1.7")
    values = {"scans": f"{file}; foto-1.jpg ; ", "foto-1.jpg": photo_text(photo)}
    assert papers(values, "scans") == [("surat.pdf", b"%PDF-1.7"), ("foto-1.jpg", photo)]
    kinds = [each.media_type for each in evidence(values, "scans", RecordPictures())]
    assert kinds == ["application/pdf", "image/jpeg"]
    assert papers({"scans": " "}, "scans") == []
    with pytest.raises(InputError, match=r"sop\.evidence_unreadable"):
        evidence({"scans": "foto-2.jpg"}, "scans", RecordPictures())


def test_a_line_of_a_form_is_in_capitals_with_one_blank_between_words() -> None:
    assert line({"name": "  siti   aminah "}, "name") == "SITI AMINAH"


def test_a_list_that_is_not_there_is_never_another_one_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "lain.csv").write_text("NIK")
    with pytest.raises(InputError) as caught:
        files_beside(str(tmp_path / "ekspor.csv"), (".pdf",))
    assert (caught.value.problem.code, caught.value.problem.params["name"]) == ("list.unreadable", "ekspor.csv")


def test_a_whole_disk_is_not_read_for_the_attachments_of_a_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ekspor.csv", "1.pdf", *(f"{n}.log" for n in range(9))):
        (tmp_path / name).write_text("x")
    place, files = files_beside(str(tmp_path), (".pdf",))
    assert (place.name, [file.name for file in files]) == ("ekspor.csv", ["1.pdf"])
    monkeypatch.setattr("ui.presenters.readers.MOST_LOOKED", 10)
    with pytest.raises(InputError) as caught:
        files_beside(str(tmp_path), (".pdf",), most=1)
    assert (caught.value.problem.code, caught.value.problem.params["limit"]) == ("export.many_files", 10)


@pytest.mark.parametrize(
    ("names", "typed", "wanted"),
    [
        (["ekspor.csv"], "", "ekspor.csv"),
        (["ekspor.XLSX", "lain.txt"], "", "ekspor.XLSX"),
        (["ekspor.json"], "", "ekspor.json"),
        (["a.csv", "b.xlsx"], "", "export.many_lists"),
        (["a.csv", "b.xlsx"], "b.xlsx", "b.xlsx"),
        (["lain.txt"], "", "export.no_list"),
        (["lain.txt"], "lain.txt", "lain.txt"),
        (["ekspor.csv/"], "", "list.unreadable"),
        ([], "ekspor.csv", "list.unreadable"),
        ([], "\x00", "list.unreadable"),
    ],
)
def test_a_folder_has_one_list_or_it_is_named(tmp_path: Path, names: list[str], typed: str, wanted: str) -> None:
    for name in names:
        (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).write_text("x")
    try:
        found = files_beside(f"{tmp_path}/{typed}", (".pdf",))[0].name
    except InputError as error:
        found = error.problem.code
    assert found == wanted


def test_beside_a_list_are_the_files_of_its_endings_in_all_folders_and_not_itself(tmp_path: Path) -> None:
    for name in ("daftar.csv", "1.PDF", "2.txt", "dalam/3.pdf", "dalam/4.csv", "map.pdf/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    _, files = files_beside(str(tmp_path / "daftar.csv"), (".pdf", ".csv"))
    assert [file.below for file in files] == ["1.PDF", "dalam/3.pdf", "dalam/4.csv"]
    assert len(files_beside(str(tmp_path / "daftar.csv"), (".pdf", ".csv"), most=3)[1]) == 3
    with pytest.raises(InputError) as caught:
        files_beside(str(tmp_path / "daftar.csv"), (".pdf", ".csv"), most=2)
    assert (caught.value.problem.code, caught.value.problem.params["limit"]) == ("export.many_files", 2)


def test_a_file_without_content_is_read_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "kosong").write_bytes(b"")
    assert read_file(str(tmp_path / "kosong")) == ("kosong", b"")


def test_a_marital_status_is_read_by_its_code() -> None:
    assert read_marital_status("2") is MaritalStatus(2)
    with pytest.raises(InputError, match=r"typed\.not_chosen"):
        read_marital_status("")
