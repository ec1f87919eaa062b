"""Documents that were printed and partly handed over, for screens of distribution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from support.app_context import KETUA, TARGETS, Kit
from support.cards_sent import taken

from fieldkit.domain.cards.card import CardCase, Document, Place, Printed, Stop
from fieldkit.services.context.app_context import AppContext

VILLAGES = ("Jimbe", "Plumpungrejo", "Dawuhan")


def put_at_dinas(kit: Kit, number: int, document: Document = Document.KTP_EL, **changes: object) -> str:
    """Put a printed document at the dinas, as printing leaves it; return its id."""
    who = TARGETS[number % len(TARGETS)].biodata
    told: dict[str, object] = {
        "thing_id": f"card-{number:03}",
        "activity_id": "a1",
        "document": document,
        "registration": f"KIT-07-R{number:05}",
        "name": who.name,
        "masked_nik": who.nik.masked,
        "village": VILLAGES[number % len(VILLAGES)],
        "prints": (Printed(kit.clock.now() - timedelta(days=20 - number), "u12", "B-07"),),
    } | changes
    card = CardCase(**told)  # type: ignore[arg-type]  # the names are ours
    with kit.store.write() as unit:
        unit.repository(CardCase).save(card)
    return card.thing_id


def distributed(kit: Kit, context_of: Callable[..., AppContext] | None = None) -> list[str]:
    """Lay out documents at every place, with a schedule; return the ids of those at the dinas."""
    office = (context_of or kit.context_of)(KETUA).office
    cards = [put_at_dinas(kit, number) for number in range(1, 8)]
    office.handover.hand_on(cards[:2], Place.DESA, "Suyatno")
    office.handover.note_attempts([cards[0]], "rumah kosong")
    office.handover.hand_on(cards[2:3], Place.KECAMATAN, "Kasi Pelayanan")
    office.handover.bring_back(cards[2:3], "pindah ke Surabaya")
    office.handover.receive(cards[3], taken())
    kia = [put_at_dinas(kit, number, Document.KIA, application_id=f"m{number}") for number in (11, 12, 13)]
    office.courier.make_ready(kia[:2])
    office.courier.give(kia[1:2], taken("Joko Kurir", relation="kurir"))
    office.courier.attempt(kia[1], "rumah kosong")
    kk = put_at_dinas(kit, 14, Document.KK, application_id="m14")
    return [*cards[4:], kk]


def stop(kit: Kit, days: int, where: str) -> Stop:
    """Return a stop so many days from today."""
    return Stop(kit.clock.today() + timedelta(days=days), Place.DESA, where, "Rina Wulandari")
