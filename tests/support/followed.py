"""Records in the hands of the data center and of the printer, for screens of statuses, due times and prints."""

from __future__ import annotations

from datetime import timedelta

from support.app_context import TARGETS, Kit
from support.cards_sent import PRINTER, UNIQUE
from support.letters import KASI

from fieldkit.domain.documents import Document
from fieldkit.domain.sop.profile import PauseReason
from fieldkit.services.cards.keep_blanks import Blanks

READY, YOUNG, STUCK, ODD, STRANGE, PRINTED = (f"0199-{number:04}" for number in range(31, 37))


def keep_ledger(kit: Kit) -> None:
    """Let the ledger of blanks have some of everything; from now on each print of a KTP-el needs its number."""
    blanks = kit.context_of(PRINTER).office.blanks
    blanks.receive(Blanks(Document.KTP_EL, "BL-0101 – BL-0150"), "", "Ditjen Dukcapil, surat jalan 12/2026")
    blanks.receive(Blanks(Document.KK, amount=500), "", "1 rim HVS")
    blanks.move(Blanks(Document.KTP_EL, "BL-0101 – BL-0130"), "", blanks.kit_id, "Teguh Raharjo")
    blanks.spoil(Blanks(Document.KTP_EL, "BL-0131"), "", "tergores")
    wrong = blanks.spoil(Blanks(Document.KTP_EL, "BL-0132"), "", "salah ketik")
    blanks.revoke(wrong.thing_id, "nomornya salah")
    blanks.count(Document.KTP_EL, "", 18, "tidak ditemukan saat opname")


def take_numbers(kit: Kit, activity_id: str) -> None:
    """Let people stand in the queue of a printing day: one served, one at the desk, some who wait."""
    queue = kit.context_of(PRINTER).office.queue
    for who in queue.candidates(activity_id)[:4]:
        queue.take(activity_id, who)
    for name in ("Bu Sri, RT 3", "Pak Karno"):
        queue.take_walk_in(activity_id, name)
    for _ in range(2):
        queue.call_next(activity_id)


def follow(kit: Kit) -> None:
    """Let the center have said something about records of the first activity; the clock stands where it stood."""
    for number, place in enumerate((1, 2, 4, 1, 4, 1), 31):
        kit.seal(number, TARGETS[place], timedelta(days=6))
    now = kit.clock.at
    for record, days, codes in (
        (READY, 1, UNIQUE),
        (YOUNG, 2, UNIQUE),
        (STUCK, 5, ("SFE",)),
        (ODD, 1, ("SFE", "CARD_SHIPPED")),
        (STRANGE, 1, ("RECEIVED_AT_CENTRAL", "MENUNGGU_VERIFIKASI_DAERAH")),
        (PRINTED, 3, UNIQUE),
    ):
        kit.clock.at = now - timedelta(days=days)
        kit.apply(record, *codes)
    kit.clock.at = now
    clocks, printing = kit.context_of(KASI).office.clocks, kit.context_of(PRINTER).office.printing
    fault = now - timedelta(days=3)
    clocks.pause(
        PauseReason.GANGGUAN_TEKNIS,
        "Server pusat tidak dapat dihubungi",
        "a1",
        began_at=fault - timedelta(hours=3),
        ended_at=fault + timedelta(days=1, hours=8),
    )
    clocks.pause(PauseReason.DI_LUAR_KEWENANGAN, "Menunggu jawaban pusat atas kode baru", "a1", STRANGE)
    printing.note_failed(PRINTED, "ribbon putus", "BL-0106")
    printing.note_printed([PRINTED], "BL-0107")
    printing.note_failed(READY, "blangko tergores", "BL-0108")
