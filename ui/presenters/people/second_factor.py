"""Kode kedua: the second factor of the own account is set up, renewed or ended; spare codes are shown once."""

from __future__ import annotations

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.people.keep_second_factor import Offer
from ui.presenters.actions import Action
from ui.presenters.amounts import in_fours
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Cell
from ui.presenters.form import Beside, Form, FormField, Labels, Pages
from ui.presenters.lists import Head, Hint, Listed, ListScreen
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Choice
from ui.presenters.printing import Printing, print_or_keep
from ui.presenters.readers import Values
from ui.presenters.tasks import COMPUTE

SPARES, END = "spares", "end"
_FIELD = Labels("factor.")
_IN_A_ROW = 4
_SPARES_ABOUT = tuple(message(f"factor.spares_about_{at}") for at in (1, 2, 3))


def second_factor_form(context: AppContext) -> Form:
    """The QR code and the key beside one field: six digits typed back make them count."""

    def load() -> tuple[FormField, ...]:
        return (_code("factor.digits_hint"),)

    def keep(values: Values) -> None:
        context.second_factor.begin(values["code"])

    def drawn(offer: Offer) -> Pages:
        return Pages((offer.qr,), message("factor.key", spelled=in_fours(offer.secret)))

    hint = message("factor.must" if context.second_factor.must_begin else "factor.begin_hint")
    return Form(
        message("common.second_code"),
        load,
        keep,
        hint,
        message("factor.begin"),
        go_on=lambda navigator, _kept: navigator.replace("spare_codes"),
        beside=Beside(context.second_factor.offer, drawn),
    )


def second_factor_change_form(context: AppContext) -> Form:
    """New spare codes, or no code any more; a code that holds is asked for both."""

    def load() -> tuple[FormField, ...]:
        return (_FIELD("act", SPARES, choices=Choice.each((SPARES, END), "factor.act_")), _code("factor.code_hint"))

    def keep(values: Values) -> str:
        change = context.second_factor.end if values["act"] == END else context.second_factor.renew_spares
        change(values["code"])
        return values["act"]

    def go_on(navigator: Navigator, act: str) -> None:
        if act == SPARES:
            navigator.replace("spare_codes")
        else:
            navigator.back()

    return Form(message("factor.change_title"), load, keep, message("factor.change_hint"), go_on=go_on)


class SpareCodeList(OfficeList):
    """What is left for the day without a phone; P prints it, Enter is done with it."""

    def __init__(self, context: AppContext, navigator: Navigator, printing: Printing) -> None:
        super().__init__(context, navigator)
        self._printing = printing

    def screen(self) -> ListScreen[tuple[str, ...]]:
        """Return the list, some codes in a row so that all are seen at once."""
        return ListScreen(
            title=message("factor.spares_title"),
            heads=tuple(_head(at) for at in range(_IN_A_ROW)),
            load=self._rows,
            name=lambda codes: codes[0],
            text=lambda codes: " ".join(codes),
            side=lambda _listed: (Hint(message("factor.spares_about"), _SPARES_ABOUT),),
            commands=self._commands,
            hint=message("factor.spares_search"),
        )

    def _commands(self, _listed: Listed[tuple[str, ...]]) -> tuple[Command, ...]:
        done = enter(message("factor.written_down"), lambda: self._navigator.restart("home"))
        return (Command("print", message("common.print"), Action.PRINT, runs=self._print()), done)

    def _rows(self) -> tuple[tuple[str, ...], ...]:
        codes = self._context.second_factor.fresh_spares
        return tuple(codes[at : at + _IN_A_ROW] for at in range(0, len(codes), _IN_A_ROW))

    def _print(self) -> Operation[Message]:
        def brought_out() -> Message:
            sheet = self._context.second_factor.spare_sheet()
            return print_or_keep(self._printing, f"kode-cadangan-{self._context.kit_id}", sheet.pdf, sheet.pages)

        busy = message("factor.printing")
        return Operation(work=brought_out, told=lambda words: words, executor=COMPUTE, busy=busy)


def _head(at: int) -> Head[tuple[str, ...]]:
    """Return the column of the codes at a place of their rows; the last row may be shorter."""
    return Head(
        message("factor.spare") if at == 0 else "",
        lambda codes: Cell(codes[at], is_strong=True) if at < len(codes) else Cell(),
        0 if at == 0 else 240,
    )


def _code(hint: str) -> FormField:
    """Return the field of a code; unseen as secrets are, so that it never waits as a draft."""
    return _FIELD("code", hint=hint, is_secret=True)
