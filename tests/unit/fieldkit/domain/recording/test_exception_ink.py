from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from fieldkit.domain.recording.exceptions import InkGiven, InkRole, digest_of_ink, inks_wanted
from fieldkit.domain.recording.positions import ExceptionMark, ExceptionReason, Position

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
RING = ExceptionMark(Position.LEFT_RING, ExceptionReason.BANDAGED, 1, ("rina", "bagus"), "Pak RT", AT)
INDEX = replace(RING, position=Position.LEFT_INDEX, attendants=("rina",), witness=" Pak RT ")
THUMB = replace(RING, position=Position.LEFT_THUMB, witness="Bu Siti")


def test_each_signs_what_names_him_and_the_first_attendant_nothing() -> None:
    wanted = inks_wanted([RING, INDEX, THUMB])
    assert [(each.role, each.who, len(each.marks)) for each in wanted] == [
        (InkRole.WITNESS, "Pak RT", 2),
        (InkRole.WITNESS, "Bu Siti", 1),
        (InkRole.ATTENDANT, "bagus", 2),
    ]
    assert wanted == (*inks_wanted([INDEX, RING, THUMB])[:1], *wanted[1:]), "the order of marks changes nothing"
    assert inks_wanted([]) == ()


def test_the_digest_of_an_ink_holds_all_that_is_said_of_it() -> None:
    (witness, *_) = inks_wanted([RING])
    ink = InkGiven(witness, "Pak RT", "s1", "ab" * 32, AT, "Pad 1", "rina")
    other = inks_wanted([replace(RING, reason=ExceptionReason.WORN)])[0]
    changes = [
        {"wanted": other},
        {"name": "Pak RW"},
        {"sha256": "cd" * 32},
        {"at": AT + timedelta(seconds=1)},
        {"device": "Pad 2"},
        {"operator": "sri"},
    ]
    assert len({ink.digest, *(replace(ink, **change).digest for change in changes)}) == 7  # type: ignore[arg-type]
    assert replace(ink, at=AT.astimezone(timezone(timedelta(hours=7)))).digest == ink.digest, "another zone, one moment"
    facts = {"role": "witness", "who": "Pak RT", "marks": witness.marks, "name": "Pak RT", "sha256": "ab" * 32}
    read = {**facts, "at": "2026-11-21T03:00:00+00:00", "device": "Pad 1", "operator": "rina"}
    assert digest_of_ink(read) == ink.digest, "as a record tells it"
