"""The screen of a list of statuses: what it asks, what each row means, one key that takes it and one that undoes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import PETUGAS, TARGETS, Kit
from support.letters import KASI
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.people import User
from fieldkit.domain.status_lists import RowMeaning, SeenStatuses
from fieldkit.formats.target_sheets import SpreadsheetFiles
from ui.presenters.presenter import Message, message
from ui.presenters.statuses.import_statuses import ImportStatusesPresenter
from ui.presenters.targets.import_targets import PATH

NIKS = [target.biodata.nik.digits for target in TARGETS]
STRANGER = "3505124101900009"
NAMED = "prr_20261121.csv"


class Folder:
    """Keeps what is saved."""

    def __init__(self) -> None:
        self.saved: dict[str, bytes] = {}

    def save(self, name: str, content: bytes) -> str:
        self.saved[name] = content
        return f"/map/{name}"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, KASI) as kit:
        kit.plan(*TARGETS)
        yield kit


def screen(kit: Kit, user: User = KASI, folder: Folder | None = None) -> ImportStatusesPresenter:
    words = strict_catalogue("id")
    return ImportStatusesPresenter(kit.context_of(user), SameThread(), Steps(), folder or Folder(), words, "a1")


def given(presenter: ImportStatusesPresenter, tmp_path: Path, *lines: str, name: str = NAMED) -> None:
    file = tmp_path / name
    file.write_text("\n".join(lines))
    presenter.type_path(str(file))
    presenter.accept()


def meanings(presenter: ImportStatusesPresenter) -> list[Message]:
    rows = presenter.state.rows
    return [rows.row(at).cells[3].tags[0].words for at in range(rows.count)]


def tags(presenter: ImportStatusesPresenter) -> dict[str, int | str]:
    return {tag.words.key: next(iter(tag.words.params.values())) for tag in presenter.state.tags}


def commands(presenter: ImportStatusesPresenter) -> dict[str, Message]:
    return {command.name: command.refused for command in presenter.state.bar.actions}


def press(presenter: ImportStatusesPresenter, name: str) -> None:
    presenter.perform(next(command for command in presenter.state.bar.actions if command.name == name))


def seen(kit: Kit) -> dict[str, list[str]]:
    with kit.store.read() as unit:
        return {each.thing_id: [s.code for s in each.statuses] for each in unit.repository(SeenStatuses).search()}


LIST = (
    "NIK;STATUS KTP",
    f"{NIKS[0]};PRR",
    f"{NIKS[1]};SFE",
    f"{STRANGER};PRR",
    f"{NIKS[2]};PRR",
    f"{NIKS[2]};SFE",
    "3505125207;PRR",
)


def test_what_somebody_should_look_at_stands_first_and_every_row_is_counted(kit: Kit, tmp_path: Path) -> None:
    presenter = screen(kit)
    given(presenter, tmp_path, *LIST)
    assert meanings(presenter) == [
        message(f"siak.is_{name}")
        for name in ("refused", *["contradicted"] * 2, *["new"] * 2, "not_ours", "skipped", *["missing"] * 4)
    ]
    assert tags(presenter) == {"siak.day": "21-11-2026", "siak.rows": 7, "siak.count_missing": 4}
    assert sum(int(count) for _, count in presenter.state.mapping[2:]) == 7
    first = presenter.state.rows.row(0)
    assert first.cells[4].words == message("list.nik_not_16_digits")
    ours = presenter.state.rows.row(3)
    assert (ours.cells[1].words, ours.cells[1].detail) == ("MISINEM", TARGETS[0].biodata.nik.masked)
    assert ours.cells[2].words == message("central.print_ready_record")
    stranger = presenter.state.rows.row(5)
    assert STRANGER not in repr(stranger)
    assert seen(kit) == {}, "nothing is kept before the second Enter"


def test_enter_takes_over_and_one_key_takes_it_back(kit: Kit, tmp_path: Path) -> None:
    presenter = screen(kit)
    presenter.start()
    assert commands(presenter)["take_back"] == message("siak.none_taken")
    given(presenter, tmp_path, *LIST)
    presenter.accept()
    assert seen(kit) == {"t1": ["PRR"], "t2": ["SFE"]}
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("siak.taken", count=2)
    assert (presenter.state.path, presenter.state.rows.total) == ("", 0)
    press(presenter, "take_back")
    assert seen(kit) == {}
    assert presenter.state.toast.words == message("siak.taken_back", count=2, name=NAMED)
    assert commands(presenter)["take_back"] == message("siak.none_taken")


def test_the_last_list_can_be_taken_back_another_day(kit: Kit, tmp_path: Path) -> None:
    presenter = screen(kit)
    given(presenter, tmp_path, *LIST)
    presenter.accept()
    again = ImportStatusesPresenter(kit.context_of(KASI), SameThread(), Steps(), Folder(), strict_catalogue("id"), "a1")
    again.start()
    press(again, "take_back")
    assert seen(kit) == {}
    looks = ImportStatusesPresenter(
        kit.context_of(PETUGAS), SameThread(), Steps(), Folder(), strict_catalogue("id"), ""
    )
    assert commands(looks)["take_back"] == message("status.not_yours")


def test_the_day_is_asked_where_the_file_names_none(kit: Kit, tmp_path: Path) -> None:
    presenter = screen(kit)
    given(presenter, tmp_path, *LIST, name="prr.csv")
    assert presenter.state.asks == message("siak.ask_day")
    assert commands(presenter)["accept"] == message("siak.no_answer")
    presenter.type_path("kemarin")
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "typed.day"
    presenter.type_path("20-11-2026")
    presenter.accept()
    assert tags(presenter)["siak.day"] == "20-11-2026"
    assert presenter.state.asks == PATH


def test_one_status_is_asked_for_a_list_of_numbers(kit: Kit) -> None:
    presenter = screen(kit)
    presenter.paste("\n".join(NIKS[:2]))
    assert presenter.state.asks == message("siak.ask_status")
    presenter.type_path("print ready record")
    presenter.accept()
    assert presenter.state.asks == message("siak.ask_day")
    presenter.type_path("21-11-2026")
    presenter.accept()
    assert meanings(presenter)[:2] == [message("siak.is_new")] * 2
    presenter.accept()
    assert seen(kit) == {"t1": ["PRINT_READY_RECORD"], "t2": ["PRINT_READY_RECORD"]}


def test_a_column_that_is_not_certain_is_chosen_by_two_keys(kit: Kit, tmp_path: Path) -> None:
    presenter = screen(kit)
    given(presenter, tmp_path, "NIK;A;B", f"{NIKS[0]};PRR;SFE", f"{NIKS[1]};PRR;PRR")
    assert [tag.words for tag in presenter.state.tags] == [message("impor.unsure", columns="A, B")]
    assert presenter.state.mapping == ((message("impor.field_nik"), "NIK"), (message("impor.field_status"), ""))
    assert presenter.state.asks == message("siak.ask_status")
    press(presenter, "next_field")
    press(presenter, "next_column")
    assert presenter.state.mapping[:2] == ((message("impor.field_nik"), "NIK"), (message("impor.field_status"), "A"))
    assert meanings(presenter)[:2] == [message("siak.is_new")] * 2
    press(presenter, "next_column")
    assert presenter.state.mapping[1][1] == "B"
    press(presenter, "next_column")
    assert presenter.state.mapping[1][1] == ""
    assert presenter.state.asks == message("siak.ask_status"), "none is a column too"


def test_steps_back_are_taken_only_when_somebody_says_so(kit: Kit, tmp_path: Path) -> None:
    presenter = screen(kit)
    given(presenter, tmp_path, "NIK;STATUS KTP", f"{NIKS[0]};PRR")
    assert commands(presenter)["backwards"] == message("siak.no_backwards")
    presenter.accept()
    given(presenter, tmp_path, "NIK;STATUS KTP", f"{NIKS[0]};SFE")
    assert commands(presenter)["accept"] == message("siak.none_new")
    assert presenter.state.rows.row(0).cells[4].words == message("siak.why_backwards")
    press(presenter, "backwards")
    assert commands(presenter)["accept"] == ""
    press(presenter, "backwards")
    assert commands(presenter)["accept"] == message("siak.none_new")
    press(presenter, "backwards")
    presenter.accept()
    assert seen(kit) == {"t1": ["PRR", "SFE"]}


def test_refused_rows_are_kept_in_a_file_of_their_own(kit: Kit, tmp_path: Path) -> None:
    folder = Folder()
    presenter = screen(kit, folder=folder)
    given(presenter, tmp_path, *LIST)
    press(presenter, "save_refused")
    (sheet,) = SpreadsheetFiles().read("a.xlsx", folder.saved["ditolak.xlsx"])
    assert [row.cells for row in sheet.rows[1:]] == [("7", "NIK bukan 16 angka", "3505125207", "PRR")]
    given(presenter, tmp_path, *LIST[:2])
    assert commands(presenter)["save_refused"] == message("impor.none_refused")


def test_who_types_no_statuses_looks_and_takes_nothing(kit: Kit, tmp_path: Path) -> None:
    presenter = screen(kit, PETUGAS)
    given(presenter, tmp_path, *LIST)
    assert commands(presenter)["accept"] == message("status.not_yours")


def test_another_file_forgets_the_one_before(kit: Kit, tmp_path: Path) -> None:
    presenter = screen(kit)
    given(presenter, tmp_path, *LIST)
    presenter.type_path("/lain.csv")
    assert (presenter.state.rows.total, presenter.state.mapping) == (0, ())
    presenter.search("misinem")
    given(presenter, tmp_path, *LIST)
    assert presenter.state.rows.count == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_meaning_has_its_words(language: str) -> None:
    words = strict_catalogue(language)
    for meaning in RowMeaning:
        assert words.text(f"siak.is_{meaning.value}")
