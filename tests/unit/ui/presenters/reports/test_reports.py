from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import TARGETS, TODAY, Kit
from support.clock import NOW
from support.letters import KASI
from support.reported import report_month
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.errors import InputError, StoreError
from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.presenters.reports import ReportsPresenter
from ui.presenters.tasks import STORE


class AppContext:
    """A `Printing` that keeps what it is given."""

    def __init__(self, printer: str = "") -> None:
        self.saved: dict[str, bytes] = {}
        self.sheets: Sequence[bytes] = ()
        self._printer = printer

    def printer(self) -> str:
        return self._printer

    def print_pages(self, pages: Sequence[bytes]) -> None:
        self.sheets = pages

    def save(self, name: str, content: bytes) -> str:
        if self.saved:
            raise InputError("print.not_saved", folder="/map")
        self.saved[name] = content
        return f"/map/{name}"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    kit.plan(*TARGETS)
    report_month(kit)
    yield kit
    kit.store.close()


def opened(
    kit: Kit, printing: AppContext | None = None, tasks: SameThread | None = None, activity_id: str = ""
) -> ReportsPresenter:
    catalogue = strict_catalogue("id")
    presenter = ReportsPresenter(
        kit.context, tasks or SameThread(), Steps(), printing or AppContext(), catalogue, activity_id
    )
    presenter.start()
    return presenter


def numbers(presenter: ReportsPresenter) -> list[str]:
    return [number.value for number in presenter.state.numbers]


def test_it_opens_with_the_month_of_today_and_the_outcomes(kit: Kit) -> None:
    state = opened(kit).state
    assert (state.stage, state.about) == (Stage.CONTENT, message("reports.month_11", year=2026))
    assert (state.chosen, len(state.choices)) == ("outcomes", 11)
    assert state.rows.count == len(state.chart.bars) == 12
    assert state.others == message("reports.other_period")
    assert [action.refused for action in state.bar.actions] == [""] * 4
    columns = [(column.title, column.width) for column in state.columns]
    assert columns == [
        (message(f"reports.{name}"), width) for name, width in (("outcome", 0), ("count", 92), ("share", 92))
    ]


def test_sections_are_chosen_by_name_and_what_the_chart_shows_is_not_said_twice(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.choose("positions")
    state = presenter.state
    assert state.title == message("reports.positions")
    assert message("reports.column_mean") not in [column.title for column in state.columns]
    assert len(state.rows.row(0).cells) == len(state.columns)
    presenter.choose("no_such")
    assert presenter.state.chosen == "positions"
    presenter.choose("positions")
    presenter.turn(-1)
    assert presenter.state.chosen == "positions"
    assert presenter.state.columns[1].title == message("reports.column_mean"), "no chart shows it"


def test_a_step_names_its_sop_below_itself(kit: Kit) -> None:
    for number, profile in enumerate(own_profiles()[:2]):
        add_activity(kit, f"Desa {number}", profile, TODAY, done=3, begun=NOW - timedelta(days=1))  # no Saturday
    presenter = opened(kit)
    presenter.choose("steps")
    first = presenter.state.rows.row(0).cells[0]
    assert first.is_strong
    assert first.detail in [profile.title for profile in own_profiles()[:2]]
    assert message("reports.sop") not in [column.title for column in presenter.state.columns]


def test_the_months_lie_beside_each_other(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.turn(-1)
    assert presenter.state.about == message("reports.month_10", year=2026)
    assert presenter.state.note == message("reports.nothing")
    presenter.turn(1)
    assert numbers(presenter)[1] == "22"


def test_spans_go_round_and_an_activity_is_named(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.next_span()
    assert presenter.state.about == "Jemput bola Desa Jimbe, Kademangan"
    presenter.next_span()
    assert presenter.state.about == message("reports.title_day", day="21-11-2026")
    presenter.next_span()
    assert presenter.state.about == message("reports.month_11", year=2026)


def test_activities_lie_beside_each_other_by_their_day(kit: Kit) -> None:
    for name, days in (("lama", 90), ("purba", 180)):
        add_activity(kit, f"Desa {name}", own_profiles()[0], TODAY - timedelta(days=days))
    newest = opened(kit)
    newest.next_span()
    newest.turn(-1)
    assert newest.state.about == "Jemput bola Desa lama"
    presenter = opened(kit, activity_id="a1")
    assert presenter.state.others == message("reports.other_activity")
    presenter.turn(1)  # there is no later one
    assert presenter.state.about == "Jemput bola Desa Jimbe, Kademangan"
    presenter.turn(-1)
    assert presenter.state.about == "Jemput bola Desa lama"
    for _ in range(2):
        presenter.turn(-1)  # there is no earlier one at last
        assert presenter.state.about == "Jemput bola Desa purba"
    presenter.today()
    assert presenter.state.about == "Jemput bola Desa Jimbe, Kademangan"


def test_today_comes_back_from_far_away(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.turn(-1)
    presenter.today()
    assert numbers(presenter)[1] == "22"


def test_papers_are_saved_and_said_where(kit: Kit) -> None:
    printing = AppContext()
    presenter = opened(kit, printing)
    presenter.save_pdf()
    assert printing.saved["laporan-202611"].startswith(b"%PDF")
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("reports.saved", where="/map/laporan-202611")
    presenter.save_xlsx()  # the folder is full now
    assert presenter.state.problem is not None
    assert presenter.state.stage is Stage.CONTENT


def test_a_spreadsheet_is_saved_by_its_name(kit: Kit) -> None:
    printing = AppContext()
    opened(kit, printing).save_xlsx()
    assert printing.saved["laporan-202611.xlsx"].startswith(b"PK")


@pytest.mark.days
def test_without_a_printer_the_report_is_kept(kit: Kit) -> None:
    with_printer, without = AppContext("Epson"), AppContext()
    printed = opened(kit, with_printer)
    printed.print()
    assert printed.state.toast is not None
    assert printed.state.toast.words == message("reports.printed")
    opened(kit, without).print()
    assert with_printer.sheets
    assert not with_printer.saved
    assert list(without.saved) == ["laporan-202611"]


def test_nothing_is_saved_where_nothing_happened(kit: Kit) -> None:
    printing = AppContext()
    presenter = opened(kit, printing)
    presenter.turn(-1)
    assert [action.name for action in presenter.state.bar.actions if action.refused] == [
        "print",
        "save_xlsx",
        "save_pdf",
    ]
    presenter.save_pdf()
    assert printing.saved == {}


def test_what_could_not_be_read_anew_is_not_saved(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> None:
        raise StoreError("store.damaged")

    printing = AppContext()
    presenter = opened(kit, printing)
    monkeypatch.setattr(kit.context.office.reports, "overview", damaged)
    presenter.turn(-1)
    presenter.save_pdf()
    assert (presenter.state.stage, printing.saved) == (Stage.ERROR, {})


def test_while_a_report_is_written_nothing_else_is_begun(kit: Kit) -> None:
    tasks, printing = SameThread(STORE), AppContext()
    presenter = opened(kit, printing, tasks)
    presenter.choose("positions")
    presenter.save_pdf()
    assert presenter.state.stage is Stage.LOADING, "nothing was read yet"
    tasks.release(STORE)
    presenter.save_pdf()
    assert presenter.state.stage is Stage.BUSY
    presenter.save_xlsx()
    presenter.turn(-1)
    tasks.release(STORE)
    assert list(printing.saved) == ["laporan-202611"]
    assert presenter.state.about == message("reports.month_11", year=2026)


def test_an_office_without_activities_says_so(tmp_path: Path) -> None:
    kit = Kit(tmp_path, KASI)
    presenter = opened(kit)
    assert presenter.state.stage is Stage.EMPTY
    presenter.next_span()
    presenter.turn(1)
    assert presenter.state.stage is Stage.EMPTY
    kit.store.close()


def test_an_unknown_activity_is_told(kit: Kit) -> None:
    assert opened(kit, activity_id="elsewhere").state.stage is Stage.ERROR
