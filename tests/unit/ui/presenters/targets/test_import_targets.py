from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.lists import HEADER, number, row_of, xlsx
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.targets.sheets import Field
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.presenter import Message, message
from ui.presenters.targets.import_targets import MAPPED, ImportTargetsPresenter

BORN = "12-07-1951"


class Folder:
    """Keeps what is saved."""

    def __init__(self) -> None:
        self.saved: dict[str, bytes] = {}

    def save(self, name: str, content: bytes) -> str:
        self.saved[name] = content
        return f"/map/{name}"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan()
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps, folder: Folder, content: bytes, tmp_path: Path) -> ImportTargetsPresenter:
    file = tmp_path / "daftar.xlsx"
    file.write_bytes(content)
    presenter = ImportTargetsPresenter(kit.context, SameThread(), steps, folder, strict_catalogue("id"), "a1")
    assert presenter.state.bar.actions[-1].refused == message("impor.no_path")
    presenter.type_path(str(file))
    presenter.accept()
    return presenter


SRI = row_of("3505125207510011", "SRI", BORN)
TRI = row_of("3505125207510012", "TRI", BORN, **{"L/P": "L"})
LOST = row_of(number("3.50512520751E+15"), "HILANG", BORN)
LIST = xlsx([HEADER, SRI, TRI, LOST])


def test_faults_stand_first_and_nothing_is_kept_before_the_second_enter(kit: Kit, tmp_path: Path) -> None:
    steps = Steps()
    presenter = opened(kit, steps, Folder(), LIST, tmp_path)
    state = presenter.state
    assert [state.rows.row(at).cells[0].words for at in range(3)] == ["4", "3", "2"]
    assert state.rows.row(0).cells[4].words == message("list.lost_digits")
    assert [tag.words for at in range(3) for tag in state.rows.row(at).cells[3].tags] == [
        message("common.refused"),
        message("impor.is_doubtful"),
        message("common.good"),
    ]
    assert [tag.words for tag in state.tags] == [
        message("impor.accepted", count=2),
        message("common.to_look_at", count=1),
        message("impor.refused", count=1),
    ]
    assert kit.context.visits.targets("a1") == []
    presenter.accept()
    assert len(kit.context.visits.targets("a1")) == 2
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("impor.taken", count=2, refused=1)
    assert steps.taken == [("back",)]


def test_a_search_finds_rows_and_another_path_forgets_them(kit: Kit, tmp_path: Path) -> None:
    presenter = opened(kit, Steps(), Folder(), LIST, tmp_path)
    presenter.search("sri")
    assert (presenter.state.rows.count, presenter.state.rows.total) == (1, 3)
    presenter.search("zzz")
    assert presenter.state.nothing.title == message("impor.not_found", text="zzz")
    presenter.type_path("/tidak/ada")
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.rows.total == 0


def test_columns_are_changed_by_two_keys(kit: Kit, tmp_path: Path) -> None:
    presenter = opened(kit, Steps(), Folder(), LIST, tmp_path)
    assert presenter.state.mapping[0] == (message("impor.field_nik"), "NIK")
    assert MAPPED[presenter.state.current] is Field.NIK
    presenter.next_column()
    assert presenter.state.mapping[0] == (message("impor.field_nik"), "NO KK")
    presenter.next_field()
    assert MAPPED[presenter.state.current] is MAPPED[1]
    for _ in MAPPED[1:]:
        presenter.next_field()
    assert presenter.state.current == 0
    for _ in HEADER[3:]:
        presenter.next_column()
    assert presenter.state.mapping[0][1] == HEADER[-1]
    presenter.next_column()
    assert presenter.state.mapping[0][1] == "", "none, after the last"
    presenter.next_column()
    assert presenter.state.mapping[0][1] == HEADER[0]
    assert set(MAPPED) == set(Field) - {Field.TARGET_ID, Field.VERDICT, Field.STATUS, Field.REMARK}


def commands(presenter: ImportTargetsPresenter) -> dict[str, Message]:
    return {command.name: command.refused for command in presenter.state.bar.actions}


@pytest.mark.parametrize(
    ("rows", "tags", "no_refused", "no_accepted"),
    [
        ([SRI], ["accepted"], message("impor.none_refused"), ""),
        ([TRI], ["accepted", "common.to_look_at"], message("impor.none_refused"), ""),
        ([SRI, LOST], ["accepted", "refused"], "", ""),
        ([LOST], ["accepted", "refused"], "", message("impor.none_accepted")),
        (
            [[str(at) for at, _ in enumerate(HEADER, 1)], SRI],
            ["accepted", "skipped"],
            message("impor.none_refused"),
            "",
        ),
    ],
)
def test_only_what_there_is_of_a_list_is_counted_and_offered(
    kit: Kit, tmp_path: Path, rows: list[list[object]], tags: list[str], no_refused: Message, no_accepted: Message
) -> None:
    folder = Folder()
    presenter = opened(kit, Steps(), folder, xlsx([HEADER, *rows]), tmp_path)
    assert [tag.words.key.removeprefix("impor.") for tag in presenter.state.tags] == tags  # type: ignore[union-attr]
    assert commands(presenter) == {
        "next_field": "",
        "next_column": "",
        "save_refused": no_refused,
        "accept": no_accepted,
    }
    presenter.save_refused()
    assert bool(folder.saved) is ("refused" in tags)


def test_a_column_that_nobody_can_guess_is_asked_until_it_has_a_meaning(kit: Kit, tmp_path: Path) -> None:
    rows = [("NIK", "Nama", "Tanggal Lahir", "Status"), ("3505125207510011", "SRI", BORN, "?")]
    presenter = opened(kit, Steps(), Folder(), xlsx(rows), tmp_path)
    asked = Tag(message("impor.unsure", columns="Status"), Tone.CAUTION)
    assert asked in presenter.state.tags
    for _ in range(MAPPED.index(Field.MARITAL_STATUS)):
        presenter.next_field()
    for _ in rows[0]:
        presenter.next_column()
    assert presenter.state.mapping[presenter.state.current][1] == "Status"
    assert asked not in presenter.state.tags


def test_before_a_list_was_read_there_is_nothing_to_change(kit: Kit, tmp_path: Path) -> None:
    folder = Folder()
    presenter = ImportTargetsPresenter(kit.context, SameThread(), Steps(), folder, strict_catalogue("id"), "a1")
    presenter.next_column()
    presenter.save_refused()
    presenter.accept()
    assert (folder.saved, presenter.state.mapping, presenter.state.tags) == ({}, (), ())
    assert list(commands(presenter)) == ["accept"]
    assert presenter.state.nothing == Empty.of("impor.empty")


def test_columns_that_nobody_could_guess_are_set_by_hand(kit: Kit, tmp_path: Path) -> None:
    heads = [f"Kolom {at}" if head == "NAMA" else head for at, head in enumerate(HEADER)]
    presenter = opened(kit, Steps(), Folder(), xlsx([heads, SRI]), tmp_path)
    assert presenter.state.problem is not None
    assert list(commands(presenter)) == ["next_field", "next_column", "accept"]
    assert (presenter.state.rows.total, presenter.state.tags) == (0, ())


def test_refused_rows_are_saved_as_a_file(kit: Kit, tmp_path: Path) -> None:
    folder = Folder()
    presenter = opened(kit, Steps(), folder, LIST, tmp_path)
    presenter.save_refused()
    assert folder.saved["ditolak.xlsx"].startswith(b"PK")
    assert presenter.state.toast is not None


def test_every_reason_of_the_row_under_the_cursor_is_told(kit: Kit, tmp_path: Path) -> None:
    row = row_of("350512", "SRI", "31-02-1951", **{"L/P": "X"})
    presenter = opened(kit, Steps(), Folder(), xlsx([HEADER, row, row_of("3505125207510011", "TRI", BORN)]), tmp_path)
    presenter.select("2")
    assert presenter.state.about == message("impor.about", row=2, name="SRI")
    assert [what for what, _where in presenter.state.reasons] == [
        message("list.nik_not_16_digits"),
        message("list.no_date"),
        message("list.no_sex"),
    ]
    presenter.select("3")
    assert (presenter.state.about, presenter.state.reasons) == ("", ())
