"""Tanda terima on paper: all that were asked for in one go, or as files where there is no printer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fieldkit.domain.errors import Problem
from fieldkit.services.context.desk import Desk
from fieldkit.services.letters.archive_letters import file_name
from ui.presenters.printing import Printing
from ui.presenters.tasks import COMPUTE, STORE, Tasks
from ui.presenters.words import Words, phrase

MOST_SLIPS = 40
"""At once; a printer that jams spoils no more."""


@dataclass(frozen=True, slots=True)
class _Slip:
    name: str
    pdf: bytes
    sheets: Sequence[bytes]


class SlipPrinting:
    """Issues slips and brings them out. `done` is told where they went."""

    def __init__(
        self,
        desk: Desk,
        tasks: Tasks,
        printing: Printing,
        done: Callable[[Words], None],
        failed: Callable[[Problem], None],
    ) -> None:
        self._desk, self._tasks, self._printing = desk, tasks, printing
        self._done, self._failed = done, failed
        self._is_busy = False

    def print(self, card_ids: Sequence[str]) -> None:
        """Print the tanda terima of documents: filled when somebody has the document, else blank for the door."""
        if not self._is_busy:
            self._is_busy = True
            self._tasks.run(STORE, lambda: self._issue(card_ids), self._bring_out, self._refused)

    def _issue(self, card_ids: Sequence[str]) -> Sequence[_Slip]:
        letters, handover = self._desk.office.letters, self._desk.office.handover
        issued = [handover.slip(card_id) for card_id in card_ids]
        return [
            _Slip(file_name(letter).removesuffix(".pdf"), letters.pdf(letter.thing_id), letters.sheets(letter.thing_id))
            for letter in issued
        ]

    def _bring_out(self, slips: Sequence[_Slip]) -> None:
        def send() -> Words:
            printer = self._printing.printer()
            if printer:
                self._printing.print_pages([page for slip in slips for page in slip.sheets])
                return phrase("paper.printed", printer=printer)
            kept = [self._printing.save(slip.name, slip.pdf) for slip in slips]
            return phrase("distribusi.slips_saved", count=len(kept), path=kept[-1])

        self._tasks.run(COMPUTE, send, self._sent, self._refused)

    def _sent(self, words: Words) -> None:
        self._is_busy = False
        self._done(words)

    def _refused(self, problem: Problem) -> None:
        self._is_busy = False
        self._failed(problem)
