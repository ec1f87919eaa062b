"""Write the letters of an activity: drafted from the one data set, edited, issued with their number, archived."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.fields import BY_TTE, OF_RECORDS, fields_of
from fieldkit.domain.letters.forms import check, empty, unfilled
from fieldkit.domain.letters.letter import INKS, Letter, LetterKind, LetterState, signers_of
from fieldkit.domain.letters.official_forms import OFFICIAL_FORMS
from fieldkit.domain.people import Permission
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.ports.documents import Documents
from fieldkit.ports.recording import SignatureCodec
from fieldkit.ports.store import Unit
from fieldkit.services.delivery.deliver import log_line
from fieldkit.services.letters.fields import Known, activity_of, compose, gather, service_words
from fieldkit.services.letters.keep_signing import settings_in
from fieldkit.services.letters.print_papers import PDF, Archive, KeepLetterhead, Paper, digest_of_fields, file_name
from fieldkit.services.sop.run_sop import fulfil, papers_changed
from fieldkit.services.sop.view import profile_of
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

_K = LetterKind
_NO_CHANGES: Mapping[str, Any] = {}

# Who may write a letter besides those who write all of them: its act belongs to their role.
ALSO: Mapping[LetterKind, tuple[Permission, ...]] = {
    _K.LEMBAR_DISPOSISI: (Permission.DISPOSE,),
    _K.BA_SARPRAS: (Permission.CHECK_SARPRAS, Permission.ALLOW_SARPRAS),
    _K.BA_PENGEMBALIAN: (Permission.CHECK_SARPRAS, Permission.ALLOW_SARPRAS),
    _K.TANDA_TERIMA_SURAT: (Permission.HAND_OVER,),
    _K.BA_SERAH_TERIMA: (Permission.HAND_OVER,),
    _K.TANDA_TERIMA: (Permission.HAND_OVER, Permission.SERVE_KK),
    _K.NOTULEN: (Permission.EVALUATE,),
    _K.LAPORAN_KEGIATAN: (Permission.EVALUATE,),
    _K.FORMULIR: (Permission.SERVE_KK,),
    _K.BUKTI_PENGAMBILAN: (Permission.SERVE_KK,),
    _K.KABAR_WARGA: (Permission.TYPE_STATUS, Permission.HAND_OVER),
    _K.REKAPITULASI: (Permission.PRINT_CARDS,),
    _K.DAFTAR_CETAK: (Permission.PRINT_CARDS,),
    _K.BA_PEMUSNAHAN: (Permission.PRINT_CARDS,),
    **dict.fromkeys(OFFICIAL_FORMS, (Permission.SERVE_KK, Permission.RECORD, Permission.VISIT)),
}
_BEAR_LOG = (_K.BA_SERAH_TERIMA,)  # whoever holds the paper can prove the log up to there; BA pengiriman has its own
WHEN_DRAFTED: Mapping[LetterKind, Fulfilment] = {_K.SURAT_BALASAN: Fulfilment.REPLY_DRAFTED}
WHEN_ISSUED: Mapping[LetterKind, Fulfilment] = {
    _K.SURAT_TUGAS: Fulfilment.TEAM_ASSIGNED,
    _K.SURAT_PEMBERITAHUAN: Fulfilment.NOTICE_SENT,
    _K.NOTULEN: Fulfilment.MEETING_HELD,
    _K.SPPD: Fulfilment.TRAVEL_ORDERED,
    _K.BA_SERAH_TERIMA: Fulfilment.HANDOVER_WRITTEN,
    _K.TANDA_TERIMA_SURAT: Fulfilment.REPLY_HANDED_OVER,
}


def tell_issued(work: UnitOfWork, letter: Letter) -> None:
    """Let the SOP hear what an issued letter means; also called when its electronic signature is there."""
    if letter.letter is LetterKind.SURAT_TUGAS:  # its number stands on Beranda and on the papers of each recording
        activity = work.unit.activities.get(letter.activity_id)
        work.unit.activities.save(replace(activity, surat_tugas=letter.number or letter.provisional))
    fact = WHEN_ISSUED.get(letter.letter)
    if fact is not None:
        fulfil(work, letter.activity_id, fact, letter.thing_id)
    papers_changed(work, letter.activity_id)


@dataclass(frozen=True, slots=True)
class LetterTools:
    """What writing letters needs besides the store."""

    documents: Documents
    letterhead: KeepLetterhead
    archive: Archive


class WriteLetters:
    """Letters of the signed-in user."""

    def __init__(self, units: UnitsOfWork, tools: LetterTools) -> None:
        self._units, self._documents = units, tools.documents
        self._letterhead, self._archive = tools.letterhead, tools.archive

    # --- reading

    def get(self, letter_id: str) -> Letter:
        """Return a letter. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.repository(Letter).get(letter_id)

    def of(self, activity_id: str) -> Sequence[Letter]:
        """Return the letters of an activity, oldest first."""
        with self._units.read() as unit:
            return unit.repository(Letter).of(activity_id)

    def missing(self, activity_id: str) -> Sequence[LetterKind]:
        """Return what an activity has no letter of, but for those that are written elsewhere."""
        there = {letter.letter for letter in self.of(activity_id) if letter.state is not LetterState.VOID}
        from_elsewhere = {*OF_RECORDS, *OFFICIAL_FORMS, _K.KABAR_WARGA, _K.BA_PEMUSNAHAN}
        return [kind for kind in LetterKind if kind not in there | from_elsewhere]

    def search(self, text: str = "", limit: int | None = None) -> Sequence[Letter]:
        """Return the letters of the whole archive whose title or number matches, newest first."""
        with self._units.read() as unit:
            return unit.repository(Letter).search(text, limit)

    def may_write(self, kind: LetterKind) -> bool:
        """Return whether the user's role writes this letter."""
        return kind not in OF_RECORDS and self._units.user.may(self._permission(kind))

    def may_ink(self, kind: LetterKind) -> bool:
        """Return whether the user may let people sign this paper on the pad."""
        return self._units.user.may(self._ink_permission(kind))

    def inking(self, kind: LetterKind) -> AbstractContextManager[UnitOfWork]:
        """Begin the act that puts ink on a letter."""
        return self._units.write(self._ink_permission(kind))

    def rendered(self, unit: Unit, letter: Letter) -> bytes:
        """Return the PDF of a letter as it is given."""
        return self._documents.render(letter.letter.value, self._stated(unit, letter))

    def preview(self, letter_id: str, changes: Mapping[str, Any] | None = None) -> Sequence[bytes]:
        """Return the pages as PNG, with changes that are not kept yet. Raise `InputError` like `edit`."""
        with self._units.read() as unit:
            letter = unit.repository(Letter).get(letter_id)
            if changes:
                letter = _changed(letter, changes)
            stated = self._stated(unit, letter)
        return self._documents.preview(letter.letter.value, stated)

    def pdf(self, letter_id: str) -> bytes:
        """Return an issued letter as it lies in the archive: the signed file when there is one."""
        with self._units.read() as unit:
            letter = _issued_in(unit, letter_id)
            return unit.attachments.get(letter.signed_pdf or letter.pdf).content

    def paper(self, letter_id: str) -> Paper:
        """Return an issued letter: the file of the archive, and its pages as PNG for the screen."""
        pdf = self.pdf(letter_id)
        with self._units.read() as unit:
            letter = unit.repository(Letter).get(letter_id)
            stated = self._stated(unit, letter)
        return Paper(letter.letter.value, pdf, tuple(self._documents.preview(letter.letter.value, stated)))

    def sheets(self, letter_id: str) -> Sequence[bytes]:
        """Return the pages of an issued letter as PNG for the printer."""
        with self._units.read() as unit:
            letter = _issued_in(unit, letter_id)
            stated = self._stated(unit, letter)
        return self._documents.sheets(letter.letter.value, stated)

    def pattern(self, kind: LetterKind) -> str:
        """Return the number pattern of a letter, "" when it has none."""
        return self._letterhead.read().pattern(kind)

    def place_of(self, activity_id: str) -> str:
        """Return where an activity is, "" when it does not exist (yet)."""
        with self._units.read() as unit:
            activity = activity_of(unit, activity_id)
            return activity.place if activity else ""

    # --- writing

    def draft(self, kind: LetterKind, activity_id: str, fields: Mapping[str, Any] | None = None) -> Letter:
        """Compose a letter and keep it as a draft; `fields` stand in place of what would be proposed."""
        if kind in OF_RECORDS:
            raise InputError("letter.of_records", letter=kind.value)
        with self._writing(kind) as work:
            return self.draft_within(work, kind, activity_id, fields or {})

    def draft_within(self, work: UnitOfWork, kind: LetterKind, activity_id: str, fields: Mapping[str, Any]) -> Letter:
        """Draft a letter within the transaction of an act that brings it forth."""
        known = self._known(work.unit, kind, activity_id)
        filled = {**compose(kind, known), **fields}
        check(kind, filled, fields_of(kind))
        letter = self._archive.begin(work, kind, activity_id, _title(known, filled), filled)
        if kind in WHEN_DRAFTED:
            fulfil(work, activity_id, WHEN_DRAFTED[kind], letter.thing_id)
        return letter

    def issue_within(self, work: UnitOfWork, letter: Letter) -> Letter:
        """Issue a draft without an official number within the transaction of an act that brings it forth."""
        return self._issue(work, letter)

    def compose_again(self, letter_id: str) -> Letter:
        """Put what is known now in place of what a draft says; of a person's form the activity knows nothing."""
        with self._writing(self.get(letter_id).letter) as work:
            letter = _draft_in(work.unit, letter_id)
            if letter.letter in OFFICIAL_FORMS:
                return letter
            known = self._known(work.unit, letter.letter, letter.activity_id)
            # Tables that no composer fills came with the draft; nothing is known that could take their place.
            composed = {name: value for name, value in compose(letter.letter, known).items() if value != []}
            return _keep_changed(work, letter, composed)

    def edit(self, letter_id: str, changes: Mapping[str, Any]) -> Letter:
        """Change fields of a draft. Raise `InputError` for a wrong form, `RuleError("letter.not_draft")`."""
        with self._writing(self.get(letter_id).letter) as work:
            return _keep_changed(work, _draft_in(work.unit, letter_id), changes)

    def issue(self, letter_id: str, number: str = "", changes: Mapping[str, Any] = _NO_CHANGES) -> Letter:
        """Render and archive a letter; it is issued, or waits when it is to be signed electronically.

        `changes` are typed fields that are kept with it or not at all. `number` is what the office typed: the whole
        number or the running one that its pattern takes. Raise
        `InputError("letter.incomplete")` naming the first empty field, `InputError("letter.number_taken")`.
        """
        with self._writing(self.get(letter_id).letter) as work:
            letter = _draft_in(work.unit, letter_id)
            if changes:
                letter = _keep_changed(work, letter, changes)
            for name in unfilled(letter.fields, fields_of(letter.letter)):
                raise InputError("letter.incomplete", letter=letter.letter.value, field=name)
            return self._issue(work, replace(letter, number=self._number(work, letter, number)))

    def number(self, letter_id: str, number: str) -> Letter:
        """Give a letter the official number that it was issued without; its paper is made anew, the former is kept."""
        with self._writing(self.get(letter_id).letter) as work:
            letter = work.unit.repository(Letter).get(letter_id)
            if letter.state not in (LetterState.ISSUED, LetterState.WAITING) or letter.signed_pdf:
                raise RuleError("letter.not_numbered_now", title=letter.title)
            if letter.number:
                raise RuleError("letter.numbered_before", number=letter.number)
            given = self._number(work, letter, number)
            if not given:
                raise InputError("letter.number_empty")
            return self._render(work, replace(letter, number=given), letter.state)

    def void(self, letter_id: str, reason: str) -> Letter:
        """Make a letter void; paper and reason stay in the archive."""
        if not reason.strip():
            raise InputError("letter.reason_missing")
        with self._writing(self.get(letter_id).letter) as work:
            letter = work.unit.repository(Letter).get(letter_id)
            if letter.state in (LetterState.VOID, LetterState.UNKNOWN):
                raise RuleError("letter.not_voided_now", title=letter.title)
            voided = replace(letter, state=LetterState.VOID, void_reason=reason.strip())
            work.keep(voided, "letter_voided", letter=letter.letter.value)
            papers_changed(work, letter.activity_id)
            return voided

    # --- parts

    def _issue(self, work: UnitOfWork, letter: Letter) -> Letter:
        if letter.letter in _BEAR_LOG:
            fields = {**letter.fields, "log": log_line(work.unit)}
            letter = replace(letter, fields=fields, digest=digest_of_fields(fields))
        if letter.fields.get("signing") != BY_TTE:
            issued = self._render(work, letter, LetterState.ISSUED)
            tell_issued(work, issued)
            return issued
        chief = next((user for user in work.unit.users() if user.may(Permission.SIGN)), None)
        signer = chief.user_id if chief else ""
        return self._render(work, replace(letter, signer=signer), LetterState.WAITING)

    def _render(self, work: UnitOfWork, letter: Letter, state: LetterState) -> Letter:
        return self._archive.put_pdf(work, letter, self.rendered(work.unit, letter), state)

    def _number(self, work: UnitOfWork, letter: Letter, typed: str) -> str:
        number = self._letterhead.within(work.unit).number(letter.letter, typed, self._units.clock.today())
        others = work.unit.repository(Letter).search(number) if number else ()
        for other in others:
            if other.number == number and other.state is not LetterState.VOID and other.thing_id != letter.thing_id:
                raise InputError("letter.number_taken", number=number, title=other.title)
        return number

    def _stated(self, unit: Unit, letter: Letter) -> dict[str, Any]:
        """Return everything that the template prints."""
        if letter.letter in OF_RECORDS:
            numbered = {"provisional": letter.provisional, "number": letter.number}
            return {**letter.fields, **_inks_of(unit, letter), **numbered}
        head = self._letterhead.within(unit)
        dinas = {
            name: getattr(head, name)
            for name in ("dinas", "regency", "address", "contact", "city", "sheet")
            if getattr(head, name)
        }
        words = service_words(profile_of(unit, letter.activity_id))
        if head.logo:
            dinas["logo"] = _picture(unit, head.logo)
        return {
            **_not_asked_then(letter.letter),
            **letter.fields,
            **_mark_of(unit, letter),
            **_inks_of(unit, letter),
            **_photos_of(unit, letter),
            "sop_service": words["service"],
            "sop_given": words["given"],
            "dinas": dinas,
            "letter_id": letter.thing_id,
            "signed_through": settings_in(unit).way.value,
            "title": letter.title,
            "provisional": letter.provisional,
            "number": letter.number,
            "digest": letter.digest,
            "made_at": self._units.clock.local(letter.made_at).isoformat(),
        }

    def _known(self, unit: Unit, kind: LetterKind, activity_id: str) -> Known:
        wording = self._documents.wording(kind.value)
        head, clock = self._letterhead.within(unit), self._units.clock
        return gather(unit, activity_id, head, self._units.user, clock, wording)

    def _writing(self, kind: LetterKind) -> AbstractContextManager[UnitOfWork]:
        return self._units.write(self._permission(kind))

    def _ink_permission(self, kind: LetterKind) -> Permission:
        return Permission.RECORD if kind is _K.BA_PENGECUALIAN else self._permission(kind)

    def _permission(self, kind: LetterKind) -> Permission:
        user = self._units.user
        return next((mine for mine in ALSO.get(kind, ()) if user.may(mine)), Permission.WRITE_LETTERS)


def _not_asked_then(kind: LetterKind) -> dict[str, Any]:
    """Return the fields that a letter of an older program does not have, empty."""
    return {field.name: empty(field.form) for field in fields_of(kind) if not field.is_required}


def _mark_of(unit: Unit, letter: Letter) -> dict[str, str]:
    """Return the signature that was drawn on the pad, for the papers that show it."""
    if not letter.fields.get("mark"):
        return {}
    return {"mark_picture": _picture(unit, letter.fields["mark"])}


def _inks_of(unit: Unit, letter: Letter) -> dict[str, dict[str, str]]:
    """Return what was signed on the pad after the paper was issued, by place."""
    inks = letter.fields.get(INKS)
    return {"ink_pictures": {place: _picture(unit, ink) for place, ink in inks.items()}} if inks else {}


def _photos_of(unit: Unit, letter: Letter) -> dict[str, list[str]]:
    rows = letter.fields.get("photos")
    return {"photo_pictures": [_picture(unit, row["picture"]) for row in rows]} if rows else {}


def _picture(unit: Unit, attachment_id: str) -> str:
    picture = unit.attachments.get(attachment_id)
    return f"data:{picture.media_type};base64,{b64encode(picture.content).decode()}"


def _draft_in(unit: Unit, letter_id: str) -> Letter:
    letter = unit.repository(Letter).get(letter_id)
    if letter.state is not LetterState.DRAFT:
        raise RuleError("letter.not_draft", title=letter.title)
    return letter


def _issued_in(unit: Unit, letter_id: str) -> Letter:
    letter = unit.repository(Letter).get(letter_id)
    if not letter.pdf:
        raise RuleError("letter.not_issued", title=letter.title)
    return letter


def _changed(letter: Letter, changes: Mapping[str, Any]) -> Letter:
    fields = {**letter.fields, **changes}
    form = fields_of(letter.letter)
    strangers = set(changes).difference(field.name for field in form)
    if strangers:
        raise InputError("letter.field_wrong", letter=letter.letter.value, field=min(strangers))
    check(letter.letter, fields, form)
    return replace(letter, fields=fields, digest=digest_of_fields(fields))


def _keep_changed(work: UnitOfWork, letter: Letter, changes: Mapping[str, Any]) -> Letter:
    changed = _changed(letter, changes)
    if changed != letter:
        work.keep(changed, "letter_edited", letter=letter.letter.value)
    return changed


def _title(known: Known, fields: Mapping[str, Any]) -> str:
    """Return the name of a letter in the archive, from its wording and its own fields."""
    return str(known.wording.get("title", "")).format_map({**known.words(), **fields}).strip()


# Let the people whom a paper names sign it on the pad; the paper is made anew with their ink, the former is kept.


class InkLetters:
    """Ink on letters that are issued and not signed electronically."""

    def __init__(self, units: UnitsOfWork, letters: WriteLetters, signatures: SignatureCodec) -> None:
        self._units, self._letters, self._signatures = units, letters, signatures

    def waiting(self, letter_id: str) -> Mapping[str, str]:
        """Return the names of those whose ink is still missing, by place; nobody where no ink is taken."""
        letter = self._letters.get(letter_id)
        return _missing(letter) if self.may_take(letter) else {}

    def may_take(self, letter: Letter) -> bool:
        """Return whether somebody may still sign this paper before the user."""
        is_open = letter.state is LetterState.ISSUED and not letter.signed_pdf
        return is_open and self._letters.may_ink(letter.letter) and bool(_missing(letter))

    def sign(self, letter_id: str, place: str, sample: Sample) -> Letter:
        """Put the ink of whom stands at a place on the paper. Raise `RuleError("letter.not_inked_now")`."""
        picture = self._signatures.to_png(self._signatures.from_sample(sample))
        names = self._letters.get(letter_id)
        with self._letters.inking(names.letter) as work:
            letter = self._letters.get(letter_id)
            if letter.state is not LetterState.ISSUED or letter.signed_pdf:
                raise RuleError("letter.not_inked_now", title=letter.title)
            if place not in signers_of(letter.letter, letter.fields):
                raise InputError("letter.field_wrong", letter=letter.letter.value, field=place)
            ink = work.attach(letter_id, f"ttd-{place}.png", "image/png", picture)
            fields = {**letter.fields, INKS: {**letter.fields.get(INKS, {}), place: ink}}
            inked = replace(letter, fields=fields, digest=digest_of_fields(fields))
            paper = work.attach(letter_id, file_name(inked), PDF, self._letters.rendered(work.unit, inked))
            inked = replace(inked, pdf=paper)
            sha256 = work.unit.attachments.get(paper).sha256
            work.keep(inked, "letter_inked", letter=letter.letter.value, place=place, paper=sha256)
            return inked


def _missing(letter: Letter) -> dict[str, str]:
    there = letter.fields.get(INKS, {})
    found = signers_of(letter.letter, letter.fields)
    return {place: name for place, name in found.items() if place not in there}
