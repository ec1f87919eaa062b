"""Tanda terima on paper: all that were asked for in one go, or as files where there is no printer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fieldkit.domain.cards.card import CardCase
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.archive_letters import file_name
from ui.presenters.commands import Operation
from ui.presenters.messages import Message, message
from ui.presenters.printing import Printing
from ui.presenters.tasks import COMPUTE

MOST_SLIPS = 40
"""At once; a printer that jams spoils no more."""


@dataclass(frozen=True, slots=True)
class _Slip:
    name: str
    pdf: bytes
    sheets: Sequence[bytes]


def slips(context: AppContext, printing: Printing, cards: Sequence[CardCase]) -> Operation[Any]:
    """Return what issues the slips of documents, filled when somebody has it, else blank for the door, and prints."""

    def issue() -> Sequence[_Slip]:
        letters, handover = context.office.letters, context.office.handover
        issued = [handover.slip(card.thing_id) for card in cards]
        return [
            _Slip(file_name(letter).removesuffix(".pdf"), letters.pdf(letter.thing_id), letters.sheets(letter.thing_id))
            for letter in issued
        ]

    def bring_out(issued: Sequence[_Slip]) -> Message:
        printer = printing.printer()
        if printer:
            printing.print_pages([page for slip in issued for page in slip.sheets])
            return message("paper.printed", printer=printer)
        kept = [printing.save(slip.name, slip.pdf) for slip in issued]
        return message("distribusi.slips_saved", count=len(kept), path=kept[-1])

    def then(issued: Sequence[_Slip]) -> Operation[Message]:
        return Operation(work=lambda: bring_out(issued), told=lambda words: words, executor=COMPUTE)

    return Operation(work=issue, then=then)


def refused_slips(cards: Sequence[CardCase]) -> Message:
    """Return why these are not printed together."""
    return message("distribusi.too_many_slips", most=MOST_SLIPS) if len(cards) > MOST_SLIPS else ""
