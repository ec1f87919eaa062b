"""An office whose activity runs the SOP that follows up social aid, with the files that outsiders bring."""

from __future__ import annotations

from pathlib import Path

from support.desk import Kit
from support.letters import AT, KASI, office

from fieldkit.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.aid import AidState, Program
from fieldkit.domain.people import User
from fieldkit.domain.sop_run import SopRun, StepState, begin_run
from fieldkit.services.follow_aid import AidKey, AidStep
from fieldkit.services.run_sop import EvidenceFile

MADIUN = next(profile for profile in own_profiles() if profile.sop_id == "madiun_dolopo_jemput_bola")
COORDINATION, PROPOSAL, RESULT, DELIVERY = 9, 10, 11, 12
SCAN = EvidenceFile("ba-musdes.pdf", "application/pdf", b"%PDF-1.4 musdes")


def aided(folder: Path, user: User = KASI) -> Kit:
    """Return the desk of such an office. The caller closes the store."""
    kit = office(folder, user)
    with kit.store.write() as unit:
        unit.shelf(SopRun).save(begin_run(MADIUN, AT, KASI.user_id, kit.clock.now()))
    return kit


def state(kit: Kit, no: int) -> StepState:
    """Return how far a step is, whether its turn has come or not."""
    with kit.store.read() as unit:
        return unit.shelf(SopRun).get(AT).of(no).now.state


def key(number: int, program: Program = Program.PKH) -> AidKey:
    return AidKey(f"t{number}", program)


def proposed(**changes: object) -> AidStep:
    """Return what the desa did after its musdes."""
    told = {"state": AidState.DIUSULKAN, "who": "Karsono", "paper": "141/07/MUSDES/2026"} | changes
    return AidStep(**told)
