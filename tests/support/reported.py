"""What a month of an office came to: visits, recordings, prints, so that no section of a report is empty."""

from __future__ import annotations

from datetime import date, timedelta

from support.app_context import TODAY, Kit
from support.clock import NOW

from fieldkit.domain.cards.card import CardCase, Document, Place, Printed
from fieldkit.domain.recording.positions import EYES, FINGERS, ExceptionReason, Position
from fieldkit.domain.reports import MissedCount, QualityCount, RecordingTally, begin_tally
from fieldkit.domain.visits import Outcome, Visit

SLAP, IRIS, CAMERA, PAD = "Suprema BioMini SN-1", "IriTech IriShield SN-2", "Canon EOS SN-3", "Topaz SigLite SN-4"
DEVICES = {**dict.fromkeys(FINGERS, SLAP), **dict.fromkeys(EYES, IRIS), Position.PORTRAIT: CAMERA}
OUTCOMES = (*[Outcome.DIREKAM] * 9, *[Outcome.DIREKAM_DENGAN_PENGECUALIAN] * 3, *list(Outcome)[3:])
MISSED = (
    MissedCount(Position.RIGHT_RING, ExceptionReason.WORN, 2),
    MissedCount(Position.RIGHT_LITTLE, None, 1),
    MissedCount(Position.LEFT_INDEX, ExceptionReason.MISSING_FINGER, 1),
    MissedCount(Position.EYE_RIGHT, ExceptionReason.CATARACT, 3),
    MissedCount(Position.EYE_LEFT, ExceptionReason.UNCOOPERATIVE, 2),
    MissedCount(Position.SIGNATURE, ExceptionReason.CANNOT_SIGN, 2),
)


def tally_of(activity_id: str, on: date = TODAY, recorded: int = 12, kit_id: str = "KIT-07") -> RecordingTally:
    """Return a day on which the ring fingers were hard to take."""
    qualities = []
    for place, position in enumerate(Position):
        mean = 38 if position is Position.LEFT_RING else 52 if position is Position.RIGHT_RING else 66 + place
        good, enough = (recorded, 0) if mean >= 60 else (recorded // 4, recorded // 2 if mean > 40 else 1)
        device = DEVICES.get(position, PAD)
        retakes = 0 if mean >= 60 else recorded // 2
        qualities.append(
            QualityCount(
                position,
                device,
                "nfiq2",
                recorded,
                mean * recorded,
                mean - 20,
                good,
                enough,
                recorded + retakes,
                retakes,
            )
        )
    tally = begin_tally(activity_id, on, kit_id)
    return RecordingTally(tally.thing_id, activity_id, on, kit_id, recorded, MISSED, tuple(qualities))


def report_month(kit: Kit, activity_id: str = "a1") -> None:
    """Lay in the visits, counts and prints of an activity."""
    visits = []
    for number, outcome in enumerate(OUTCOMES):
        started = NOW - timedelta(days=number % 4, minutes=40 * number % 300)
        minutes = 8 + 5 * number if number < 12 else 6
        ended = started + timedelta(minutes=minutes)
        visits.append(Visit(f"v-{activity_id}-{number}", activity_id, f"x{number}", "u1", started, ended, outcome))
    places = (Place.PERSON, Place.PERSON, Place.DESA, Place.COURIER, Place.DINAS)
    cards = [
        CardCase(
            thing_id=f"card-{activity_id}-{number}",
            activity_id=activity_id,
            document=Document.KTP_EL,
            registration=f"REG-{number}",
            name="SITI",
            masked_nik="350512******0003",
            village="Jimbe",
            prints=(Printed(NOW - timedelta(days=1), "u12", "B1"),),
            place=place,
        )
        for number, place in enumerate(places)
    ]
    with kit.store.write() as unit:
        unit.repository(Visit).save_all(visits)
        unit.repository(RecordingTally).save_all(tally_of(activity_id, TODAY - timedelta(days=n)) for n in range(2))
        unit.repository(CardCase).save_all(cards)
