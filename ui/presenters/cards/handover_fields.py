"""What is asked when documents are handed over: to whom, who it is, what proves it."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.cards.card import CardCase, Document, MarkKind, Place, ways_on
from fieldkit.domain.letters.letter import Letter
from fieldkit.services.cards.take_receipts import Received
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices.take_photo import PAPER_PX
from fieldkit.services.recording.check_card import CardSeen
from ui.presenters.form import FormField, texts_of
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import read_file

YES, NO = "yes", "no"
TO, RECEIVER, RELATION, PROOF, SHOWN, OLD = "to", "receiver", "relation", "proof", "shows_ktp", "old_card"
GIVER, DOOR, PHOTO = "giver", "door", "photo"  # of a courier at the door
_OFFICES = (Place.KECAMATAN, Place.DESA)
OWNER = "diri sendiri"


def propose(cards: Sequence[CardCase], to: Place, ba: Letter | None) -> tuple[FormField, ...]:
    """Return the fields, filled with what is known: the owner, or the second party of the BA serah terima."""
    receiver = relation = proof = ""
    if to is Place.PERSON:
        receiver, relation = cards[0].name, OWNER
    elif ba is not None:
        second = ba.fields.get("second") or {}
        receiver, relation = str(second.get("name", "")), str(second.get("jabatan", ""))
        proof = ba.number or ba.provisional
    elif to is Place.COURIER:
        relation = "kurir"
    places = (Place.COURIER,) if to is Place.COURIER else ways_on(cards)
    choices = Choice.each((place.value for place in places), "distribusi.place.")
    kind = "office" if to in _OFFICES else to.value
    fields = [
        FormField(RECEIVER, message(f"distribusi.receiver.{kind}"), receiver),
        FormField(
            RELATION, message(f"distribusi.relation.{kind}"), relation, message(f"distribusi.relation_hint.{kind}")
        ),
        FormField(PROOF, message(f"distribusi.proof.{kind}"), proof, message(f"distribusi.proof_hint.{kind}")),
    ]
    if len(choices) > 1:
        fields.insert(0, FormField(TO, message("distribusi.to"), to.value, choices=choices))
    if to is Place.PERSON and cards[0].place is Place.COURIER:
        taken = cards[0].courier.taken if cards[0].courier else None
        hint = message("distribusi.door_photo_hint")
        fields += [
            FormField(GIVER, message("distribusi.giver"), taken.receiver if taken else ""),
            FormField(DOOR, message("distribusi.door"), cards[0].village, message("distribusi.door_hint")),
            FormField(PHOTO, message("distribusi.door_photo"), hint=hint, is_file=True),
        ]
    if to is Place.PERSON and cards[0].asks_for_ktp:
        yes_no = (Choice(YES, message("common.yes")), Choice(NO, message("distribusi.not_yet")))
        fields.append(FormField(SHOWN, message("distribusi.shows_ktp"), NO, choices=yes_no))
    if to is Place.PERSON and cards[0].document is Document.KTP_EL:
        has_old = (Choice(NO, message("distribusi.no_old")), Choice(YES, message("distribusi.old_taken")))
        fields.append(FormField(OLD, message("distribusi.old_card"), NO, choices=has_old))
    return tuple(fields)


def received(fields: Sequence[FormField], kind: MarkKind, mark: bytes, seen: CardSeen | None) -> Received:
    """Return what was filled in as the service takes it."""
    values = texts_of(fields)
    return Received(
        values[RECEIVER],
        values[RELATION],
        values[PROOF],
        kind,
        mark,
        is_card_read=seen is not None,
        shows_ktp=values.get(SHOWN) == YES,
        card_uid=seen.uid_digest if seen is not None else "",
        place=values.get(DOOR, ""),
        giver=values.get(GIVER, ""),
        gives_old=values.get(OLD) == YES,
    )


def door_photo(context: AppContext, fields: Sequence[FormField]) -> bytes:
    """Return the photo of a handover at the door, b"" where none was named. Raise `InputError`. Blocks."""
    path = texts_of(fields).get(PHOTO, "")
    return context.pictures.photo(read_file(path)[1], PAPER_PX) if path.strip() else b""
