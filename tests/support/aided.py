"""An office whose activity runs the SOP that follows up social aid, with the files that outsiders bring."""

from __future__ import annotations

from pathlib import Path

from support.app_context import Kit
from support.letters import AT, KASI, office

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.aid import AidNote, AidState, Dtsen, Program
from fieldkit.domain.people import User
from fieldkit.domain.reports import Points
from fieldkit.domain.sop.run import SopRun, StepState, begin_run
from fieldkit.services.aid import AidKey, AidStep
from fieldkit.services.sop.run_sop import EvidenceFile

MADIUN = next(profile for profile in own_profiles() if profile.sop_id == "madiun_dolopo_jemput_bola")
COORDINATION, PROPOSAL, RESULT, DELIVERY = 9, 10, 11, 12
SCAN = EvidenceFile("ba-musdes.pdf", "application/pdf", b"%PDF-1.4 musdes")


def aided(folder: Path, user: User = KASI) -> Kit:
    """Return the context of such an office. The caller closes the store."""
    kit = office(folder, user)
    with kit.store.write() as unit:
        unit.repository(SopRun).save(begin_run(MADIUN, AT, KASI.user_id, kit.clock.now()))
    return kit


def state(kit: Kit, no: int) -> StepState:
    """Return how far a step is, whether its turn has come or not."""
    with kit.store.read() as unit:
        return unit.repository(SopRun).get(AT).of(no).now.state


def key(number: int, program: Program = Program.PKH) -> AidKey:
    return AidKey(f"t{number}", program)


def proposed(**changes: object) -> AidStep:
    """Return what the desa did after its musdes."""
    told = {"state": AidState.DIUSULKAN, "who": "Karsono", "paper": "141/07/MUSDES/2026"} | changes
    return AidStep(**told)


def follow_up(kit: Kit) -> None:
    """Let the office be in the middle of it: something noted, proposed, granted, refused, given and due."""
    office, today = kit.context_of(KASI).office, kit.clock.today()
    aid = office.aid
    asked = {"who": "Wiwik, Dinas Sosial", "paper": "460/12/2026"}
    aid.meet(AT, "Wiwik, Dinas Sosial", "Karsono, Kepala Desa")
    aid.note("t1", AidNote(Dtsen.BELUM, 2, (Program.PBI_JK,), (Program.PKH, Program.BLT_DD), "tinggal dengan cucu"))
    aid.note("t2", AidNote(Dtsen.TERDAFTAR, 3, (), (Program.SEMBAKO, Program.PKH)))
    aid.note("t5", AidNote(Dtsen.TERDAFTAR, 1, (Program.PKH,)))
    aid.note("t7", AidNote(wanted=(Program.ATENSI, Program.PKH)))
    aid.move(AT, [key(1), key(2), key(7), key(7, Program.ATENSI)], proposed(follow_up_on=today))
    aid.move(AT, [key(2), key(7)], proposed(state=AidState.DITETAPKAN, **asked))
    aid.move(AT, [key(7, Program.ATENSI)], proposed(state=AidState.DITOLAK, reason="kuota penuh", **asked))
    aid.move(AT, [key(2)], proposed(state=AidState.DISALURKAN, **asked))
    aid.evaluate(AT, "Satu bantuan disalurkan, satu ditolak", "Usulkan lagi pada musdes berikut")
    said = Points(("Warga didampingi perangkat desa",), ("Genset mati dua kali",), ("Jalan licin",), ("Bawa genset",))
    office.evaluation.write(AT, said)
