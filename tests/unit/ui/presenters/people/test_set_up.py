from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.app_context import Kit
from support.listing import Listing, at_row
from support.plans import ADMIN
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError
from fieldkit.services.context.set_up import SetUpLine, SetUpState, SetUpStep
from fieldkit.vault.one_time_codes import TotpCodes
from ui.presenters.people.accounts import SCREENS, SetUpList, recovery_sheet_form
from ui.presenters.presenter import Message, message


class Printer:
    def __init__(self) -> None:
        self.printed: list[Sequence[bytes]] = []

    def printer(self) -> str:
        return "Laser"

    def print_pages(self, pages: Sequence[bytes]) -> None:
        self.printed.append(pages)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, ADMIN, (ADMIN,)) as kit:
        yield kit


def opened(kit: Kit, printer: Printer | None = None) -> Listing:
    steps = Steps()
    return Listing(SetUpList(kit.context, steps, printer or Printer()).screen(), SameThread(), steps)


def test_each_line_leads_to_the_screen_that_does_it(kit: Kit) -> None:
    listing = opened(kit)
    assert listing.names == [step.value for step in SetUpStep]
    for step in (step for step in SetUpStep if step is not SetUpStep.SHEET):
        listing.presenter.select(step.value)
        listing.press("accept")
        screen, params = SCREENS[step]
        assert listing.steps.taken[-1] == ("push", screen, *params.values())


def test_a_second_factor_that_counts_is_changed_with_a_code_and_not_begun_anew(kit: Kit) -> None:
    factor = kit.context.second_factor
    factor.begin(TotpCodes().code_at(factor.offer().secret, int(kit.clock.now().timestamp()) // 30))
    listing = opened(kit)
    listing.presenter.select(SetUpStep.FACTOR.value)
    listing.press("accept")
    assert listing.steps.taken == [("push", "second_factor_change")]


def test_the_sheet_is_printed_and_counts_once_its_code_is_typed_back(kit: Kit) -> None:
    printer, form = Printer(), recovery_sheet_form(kit.context)
    listing = opened(kit, printer)
    listing.presenter.select(SetUpStep.SHEET.value)
    listing.press("accept")
    assert (len(printer.printed), listing.steps.taken) == (1, [("push", "recovery_sheet")])
    assert form.load()[0].name == "code"
    with pytest.raises(InputError, match=r"sheet\.differs"):
        form.keep({"code": "ABCD-EFGH"})
    assert kit.accounts.sheets == {}
    form.keep({"code": "abcd efgh ijkl mnop qrst"})
    assert kit.accounts.sheets == {ADMIN.user_id: "ABCD-EFGH-IJKL-MNOP-QRST"}
    listing.presenter.refresh()
    assert listing.offered("decline").refused == message("persiapan.is_done")


def test_without_a_printer_the_form_says_where_the_sheet_is(kit: Kit) -> None:
    class Folder(Printer):
        def printer(self) -> str:
            return ""

        def save(self, name: str, pdf: bytes) -> str:
            assert pdf
            return f"/papers/{name}.pdf"

    listing = opened(kit, Folder())
    listing.presenter.select(SetUpStep.SHEET.value)
    listing.press("accept")
    path = f"/papers/lembar-pemulihan-{kit.context.kit_id}.pdf"
    assert listing.steps.taken == [("push", "recovery_sheet", path)]


def test_what_is_not_needed_is_said_and_taken_back(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.select(SetUpStep.PROVIDERS.value)
    listing.press("decline")
    assert listing.steps.taken == [("replace", "set_up")]
    assert SetUpStep.PROVIDERS not in kit.context.set_up.missing()
    listing.presenter.refresh()
    assert listing.offered("decline").words == message("persiapan.needed")


@pytest.mark.parametrize(
    ("step", "state", "words", "refused", "screen"),
    [
        (SetUpStep.STAFF, SetUpState.MISSING, "persiapan.decline", "", "staff_import"),
        (SetUpStep.STAFF, SetUpState.DECLINED, "persiapan.needed", "", "staff_import"),
        (SetUpStep.STAFF, SetUpState.DONE, "persiapan.decline", message("persiapan.is_done"), "staff_import"),
        (SetUpStep.FACTOR, SetUpState.MISSING, "persiapan.decline", "", "second_factor"),
        (SetUpStep.FACTOR, SetUpState.DECLINED, "persiapan.needed", "", "second_factor"),
        (SetUpStep.FACTOR, SetUpState.DONE, "persiapan.decline", message("persiapan.is_done"), "second_factor_change"),
    ],
)
def test_what_is_done_is_not_declined(
    kit: Kit, step: SetUpStep, state: SetUpState, words: str, refused: Message, screen: str
) -> None:
    steps = Steps()
    shown = SetUpList(kit.context, steps, Printer()).screen()
    decline, accept = shown.commands(at_row(SetUpLine(step, state)))
    assert (decline.words, decline.refused) == (message(words), refused)
    accept.runs()  # type: ignore[operator, misc]
    assert steps.taken == [("push", screen)]
    assert shown.commands(at_row()) == ()
    assert shown.reads == {"user", "staff", "letterhead"}


def test_the_cursor_begins_at_the_first_that_is_missing(kit: Kit) -> None:
    kit.context.set_up.decline(SetUpStep.SHEET)
    listing = opened(kit)
    listing.press("accept")
    assert listing.steps.taken == [("push", "second_factor")]
