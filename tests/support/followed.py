"""Records in the hands of the data center and of the printer, for screens of statuses, due times and prints."""

from __future__ import annotations

from datetime import timedelta

from support.app_context import TARGETS, Kit
from support.cards_sent import PRINTER, UNIQUE
from support.letters import KASI

from fieldkit.domain.sop.profile import PauseReason

READY, YOUNG, STUCK, ODD, STRANGE, PRINTED = (f"0199-{number:04}" for number in range(31, 37))


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
