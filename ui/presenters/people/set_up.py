"""Persiapan awal: what this kit still lacks, each line leading to where it is done; the sheet that opens it again."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.set_up import SetUpLine, SetUpState, SetUpStep
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.figures import Cell
from ui.presenters.form import Form, FormField
from ui.presenters.lists import Head, Listed, ListScreen
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opens
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone
from ui.presenters.printing import Printing
from ui.presenters.readers import Values
from ui.presenters.tasks import COMPUTE

SCREENS: Mapping[SetUpStep, tuple[str, Mapping[str, str]]] = {
    SetUpStep.SHEET: ("recovery_sheet", {}),
    SetUpStep.FACTOR: ("second_factor", {}),
    SetUpStep.LETTERHEAD: ("settings", {"section": "kop"}),
    SetUpStep.USERS: ("accounts", {}),
    SetUpStep.STAFF: ("staff_import", {}),
    SetUpStep.SOPS: ("settings", {"section": "sop_files"}),
    SetUpStep.PROVIDERS: ("settings", {"section": "penyedia"}),
}
"""Where each step is done."""
_TONES = {
    SetUpState.MISSING: Tone.CAUTION,
    SetUpState.DONE: Tone.GOOD,
    SetUpState.DECLINED: Tone.NEUTRAL,
}


class SetUpList(OfficeList):
    """Enter does the step under the cursor; the first that is missing is under it."""

    def __init__(self, context: AppContext, navigator: Navigator, printing: Printing) -> None:
        super().__init__(context, navigator)
        self._printing = printing

    def screen(self) -> ListScreen[SetUpLine]:
        """Return the list."""
        return ListScreen(
            title=message("persiapan.title"),
            heads=(
                Head(
                    message("persiapan.step"),
                    lambda line: Cell(
                        set_up_words(line.step), message(f"persiapan.why_{line.step.value}"), is_strong=True
                    ),
                ),
                Head.tagged(message("common.state"), _state, 260),
            ),
            load=self._context.set_up.lines,
            name=lambda line: line.step.value,
            reads=frozenset({"user", "staff", "letterhead"}),
            begins_at=lambda line: line.state is SetUpState.MISSING,
            commands=self._commands,
            hint=message("persiapan.search"),
        )

    def _commands(self, listed: Listed[SetUpLine]) -> tuple[Command, ...]:
        line = listed.current
        if line is None:
            return ()
        again = Operation(
            work=lambda: self._context.set_up.decline(line.step), done=lambda _: self._navigator.replace("set_up")
        )
        words = message("persiapan.needed" if line.state is SetUpState.DECLINED else "persiapan.decline")
        done = message("persiapan.is_done") if line.state is SetUpState.DONE else ""
        screen, params = SCREENS[line.step]
        if line.step is SetUpStep.FACTOR and done:  # what counts already ends with a code only
            screen = "second_factor_change"
        go = self._print() if line.step is SetUpStep.SHEET else opens(self._navigator, screen, **params)
        decline = Command("decline", words, Action.SET_ASIDE, Weight.SECOND, done, again)
        return (decline, enter(message(f"persiapan.do_{line.step.value}"), go))

    def _print(self) -> Operation[str]:
        """Return what prints a new recovery sheet and asks for its code; without a printer, where its PDF is."""

        def brought_out() -> str:
            sheet, name = self._context.set_up.recovery_sheet(), f"lembar-pemulihan-{self._context.kit_id}"
            if not self._printing.printer():
                return self._printing.save(name, sheet.pdf)
            self._printing.print_pages(sheet.pages)
            return ""

        return Operation(
            work=brought_out,
            done=lambda path: self._navigator.push("recovery_sheet", **({"path": path} if path else {})),
            executor=COMPUTE,
            busy=message("persiapan.printing"),
        )


def set_up_words(step: SetUpStep) -> Message:
    """Return what a step is called."""
    return message(f"persiapan.{step.value}")


def _state(line: SetUpLine) -> Tag:
    return Tag(message(f"persiapan.state_{line.state.value}"), _TONES[line.state])


def recovery_sheet_form(context: AppContext, path: str = "") -> Form:
    """The code of the sheet that was just printed, typed back from the paper: only then it opens the kit.

    `path` is where it was kept for want of a printer.
    """

    def load() -> tuple[FormField, ...]:
        return (FormField("code", message("pulih.sheet_code"), hint=message("persiapan.code_hint")),)

    def keep(values: Values) -> None:
        context.accounts.prove_sheet(values["code"])

    hint = message("persiapan.sheet_saved", path=path) if path else message("persiapan.sheet_hint")
    return Form(message("persiapan.sheet_title"), load, keep, hint)
