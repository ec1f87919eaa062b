"""Grobogan at the counter: KK WNI (SOP-DKC.IP-01) and Becak Pintar (SOP-DKC.IP-22), each step by whose turn it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fieldkit.demo.kit import COUNTER, HEAD, KABID, KASI, PETUGAS, PRINTER
from fieldkit.demo.outreach.files import write_letter as scan_letter
from fieldkit.demo.outreach.office_acts import begin_activity
from fieldkit.demo.outreach.script import Script
from fieldkit.demo.outreach.stage import Stage
from fieldkit.domain.people import User

KK_SOP, BECAK_SOP = "grobogan_kk_wni", "grobogan_becak_pintar"


def _apply(stage: Stage, name: str, sop_id: str) -> None:
    """1: somebody applies; staff write it down with the papers as evidence."""
    begin_activity(stage.clerk, KASI, name, "Loket", sop_id)
    paper = scan_letter(stage.out / "berkas-permohonan.pdf", stage.residents)
    stage.clerk.write_down(COUNTER, 1, stage.residents[0].biodata.name.title(), paper)


def _done(no: int, user: User, stage: Stage) -> None:
    stage.clerk.complete(user, no)


def _by(no: int, user: User) -> Callable[[Stage], None]:
    return partial(_done, no, user)


def _carry(stage: Stage) -> None:
    """7: the courier hands over; staff write it down with the receipt as evidence."""
    stage.clerk.write_down(COUNTER, 7, "Kurir (contoh)", stage.out / "berkas-permohonan.pdf")


KK = Script(
    KK_SOP,
    {
        1: partial(_apply, name="KK WNI keluarga contoh", sop_id=KK_SOP),
        2: _by(2, COUNTER),
        3: _by(3, PRINTER),
        4: _by(4, KABID),
        5: _by(5, HEAD),
        6: _by(6, PRINTER),
        7: _by(7, COUNTER),
        8: _by(8, COUNTER),
    },
)
BECAK = Script(
    BECAK_SOP,
    {
        1: partial(_apply, name="Becak Pintar REG-0001", sop_id=BECAK_SOP),
        2: _by(2, PETUGAS),
        3: _by(3, KASI),
        4: _by(4, HEAD),
        5: _by(5, PRINTER),
        6: _by(6, PRINTER),
        7: _carry,
    },
)
