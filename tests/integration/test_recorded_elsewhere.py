"""The SOPs that record, walked by their services with everybody recorded in the official application."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS, TARGETS, TODAY, Kit
from support.cards_sent import LOKET, PRINTER, follow_sop, taken
from support.letters import KASI, office

from fieldkit.domain.cards.card import Place
from fieldkit.domain.delivery import OfficeTask
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.visits import OfficialException, Outcome, Perekaman
from fieldkit.services.visits.run_visits import Ended, OfficialProof

RECORDING = ("blitar_si_jaran_ijo", "grobogan_jemput_bola", "madiun_dolopo_jemput_bola")
PROOF = OfficialProof("Laptop SIAK 02", number="BKT-0412")
BLIND = OfficialException(Position.EYE_LEFT, ExceptionReason.BLIND, "Bu RT")


def record(kit: Kit, target_id: str, proof: OfficialProof) -> None:
    visits = kit.context_of(PETUGAS).office.visits
    visit = visits.begin(target_id)
    kit.clock.advance(minutes=22)
    visits.end(visit.thing_id, Ended(Outcome.DIREKAM_RESMI, official=proof))


def heard(kit: Kit) -> set[Fulfilment]:
    with kit.store.read() as unit:
        return {known.fact for known in unit.repository(SopRun).get("a1").facts}


@pytest.mark.days
@pytest.mark.parametrize("sop_id", RECORDING)
def test_everything_after_the_capture_follows(tmp_path: Path, sop_id: str) -> None:
    with office(tmp_path, KASI) as kit:
        follow_sop(kit, sop_id)
        kit.context_of(PETUGAS).office.trips.set_perekaman("a1", Perekaman.RESMI)
        record(kit, "t1", PROOF)
        record(kit, "t2", replace(PROOF, exceptions=(BLIND,)))
        visits = kit.context_of(PETUGAS).office.visits
        for moved in TARGETS[2:]:
            visits.end(visits.begin(moved.target_id).thing_id, Ended(Outcome.PINDAH))
        assert heard(kit) == {Fulfilment.RECORDED}

        kasi = kit.context_of(KASI).office
        listed = "\n".join(f"{each.biodata.nik.digits};PRINT_READY_RECORD" for each in TARGETS[:2])
        file = kasi.status_lists.read("status.csv", f"NIK;CURRENT_STATUS_CODE\n{listed}".encode())
        kasi.status_lists.take_over(kasi.status_lists.preview("a1", file, file.layout, TODAY))
        assert heard(kit) == {Fulfilment.RECORDED, Fulfilment.SENT}
        assert kasi.statuses.tasks() == {OfficeTask.PRINT: 2}

        printing = kit.context_of(PRINTER).office.printing
        cards = printing.note_printed([line.record.record_id for line in printing.print_list("a1").now], "B1")
        assert [card.village for card in cards] == [each.address.village for each in TARGETS[:2]]
        assert Fulfilment.PRINTED in heard(kit)
        handover = kit.context_of(LOKET).office.handover
        ba = handover.write_ba([card.thing_id for card in cards], "Suyatno", "Sekretaris Desa", "Pemerintah Desa")
        assert ba.letter is LetterKind.BA_SERAH_TERIMA
        handover.hand_on([card.thing_id for card in cards], Place.DESA, "Suyatno")
        for card in cards:
            handover.receive(card.thing_id, taken())
        assert {Fulfilment.CARDS_TO_DESA, Fulfilment.CARDS_TO_PERSONS} <= heard(kit)
        assert kasi.statuses.tasks() == {}
        with kit.store.read() as unit:
            assert unit.activities.count("a1").unsent == 0
            assert unit.records.search() == []
