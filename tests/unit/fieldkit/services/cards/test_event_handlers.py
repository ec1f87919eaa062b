from __future__ import annotations

from pathlib import Path

from support.app_context import TARGETS
from support.cards_sent import UNIQUE, follow_sop, print_shop, steps
from support.letters import KASI

from fieldkit.domain.cards.card import Place
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.sop.run import StepState
from fieldkit.services.cards.event_handlers import cards_moved, cards_printed

PRINT, DISTRIBUTION = 8, 11


def test_printing_waits_for_records_of_which_nothing_is_known_but_not_for_birthdays(tmp_path: Path) -> None:
    kit, records = print_shop(tmp_path)
    follow_sop(kit, "grobogan_jemput_bola")
    young, silent, double = kit.seal(3, TARGETS[2]), kit.seal(4, TARGETS[4]), kit.seal(5, TARGETS[5])
    kit.apply(young, *UNIQUE)
    kit.apply(double, "SFE", "RECEIVED_AT_CENTRAL", "DUPLICATE_RECORD")
    with kit.store.write() as unit:
        for left in ("t4", "t7"):
            unit.targets.mark(left, TargetState.CANCELLED)
    kit.context.office.printing.note_printed(records, "B1")
    assert steps(kit)[PRINT] is StepState.RUNNING
    kit.apply(silent, *UNIQUE)
    kit.context.office.printing.note_printed([silent], "B1")
    assert steps(kit)[PRINT] is StepState.DONE
    kit.store.close()


def test_printing_is_not_over_while_people_are_still_to_be_recorded(tmp_path: Path) -> None:
    kit, records = print_shop(tmp_path)
    follow_sop(kit, "grobogan_jemput_bola")
    kit.context.office.printing.note_printed(records, "B1")
    assert steps(kit)[PRINT] is StepState.RUNNING
    kit.store.close()


def test_an_activity_without_documents_has_handed_over_nothing(tmp_path: Path) -> None:
    kit, records = print_shop(tmp_path)
    follow_sop(kit, "grobogan_jemput_bola")
    with kit.context.office.units.write(Permission.HAND_OVER) as work:
        cards_moved(work, "a1")
        cards_printed(work, "a1", kit.clock.today())
    assert steps(kit)[DISTRIBUTION] is StepState.WAITING
    kit.context.office.printing.note_printed(records, "B1")
    kit.context.office.handover.hand_on(records, Place.KECAMATAN, KASI.name)
    assert steps(kit)[DISTRIBUTION] is StepState.WAITING
    kit.context.office.handover.hand_on(records, Place.DESA, KASI.name)
    assert steps(kit)[DISTRIBUTION] is StepState.DONE
    kit.store.close()
