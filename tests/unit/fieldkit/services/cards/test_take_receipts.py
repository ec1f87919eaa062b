from __future__ import annotations

from pathlib import Path

import pytest
from support.cards_sent import print_shop, taken

from fieldkit.domain.cards.blanks import BlankAct
from fieldkit.domain.errors import InputError
from fieldkit.services.cards.take_receipts import OLD_CARD


def test_the_old_card_of_a_person_is_written_down_to_be_destroyed(tmp_path: Path) -> None:
    kit, (first, second) = print_shop(tmp_path)
    office = kit.context.office
    office.printing.note_printed([first, second], "B1")
    office.handover.receive(first, taken(gives_old=True))
    office.handover.receive(second, taken())
    (line,) = office.blanks.book().lines
    card = office.handover.get(first)
    assert (line.entry.act, line.entry.card_id, line.entry.why) == (BlankAct.WITHDRAWN, first, OLD_CARD)
    assert (line.entry.name, line.entry.masked_nik) == (card.name, card.masked_nik)
    assert line.is_to_destroy
    kit.store.close()


def test_a_receipt_that_is_refused_takes_no_old_card(tmp_path: Path) -> None:
    kit, (first, _) = print_shop(tmp_path)
    office = kit.context.office
    office.printing.note_printed([first], "B1")
    with pytest.raises(InputError, match=r"card\.no_mark"):
        office.handover.receive(first, taken(gives_old=True, mark=b""))
    assert office.blanks.book().lines == []
    kit.store.close()
