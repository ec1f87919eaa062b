"""Sasaran: whom the team visits, in the order of the houses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import attrgetter

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Permission, Role
from fieldkit.domain.planning.outreach import (
    ModePerekaman,
    ServiceCategory,
    TargetFilter,
    TargetLine,
    TargetState,
    TargetVerdict,
)
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.targets.columns import read_degrees
from fieldkit.domain.targets.requests import Applicant, Harapan, LegalCategory, Sifat, SuratPermohonan, TargetNotes
from fieldkit.domain.targets.sheets import CellError, NikPaper
from fieldkit.domain.typed import DraftName, chosen, optional, read_day, read_whole
from fieldkit.ports.messages import Messages
from fieldkit.ports.repositories import Attachment
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.targets.register_request import ProposedActivity, Scan, scan_of
from fieldkit.services.targets.verify_targets import Answered, SiakAnswer
from ui.presenters.amounts import day_text
from ui.presenters.figures import FigureCell, tagged
from ui.presenters.form import SEPARATOR, Beside, Form, FormField, Labels, Pages, Pick
from ui.presenters.letters.letters import forms_command
from ui.presenters.lists import (
    ALL,
    Facts,
    Filter,
    Head,
    Hint,
    Listed,
    ListScreen,
    OfficeList,
    Panel,
    finding,
    nothing_yet,
)
from ui.presenters.parts import Bar, Choice, Empty, Tag, Tone, leave
from ui.presenters.picking import offered
from ui.presenters.planning.activities import perekaman_field, perekaman_in, sop_field, sop_of
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, enter, message
from ui.presenters.printing import Printing
from ui.presenters.readers import answer, papers, read_file
from ui.presenters.recording.recording import show_recording
from ui.presenters.targets.import_targets import FileRowsPresenter, Line, line_of, refused_line
from ui.presenters.tasks import Tasks
from ui.presenters.visits.messages import (
    DONE,
    OPEN,
    STATE_TONES,
    VERDICT_TONES,
    FieldList,
    address,
    category_tag,
    house,
    person,
    state_tag,
    told_before,
    too_young,
    verdict_tag,
    verdict_words,
    warning_tags,
)

# What becomes known of somebody on the list, as forms: what the team should know before it knocks, and a NIK.

_NO_LEGAL = "-"
_note_field = Labels("catatan.", "catatan.")
_POLES, _DATE_LINE = 90, 180
_WIDE_NOTES = {"paper": 4, "nik": 2, "number": 2}


def notes_form(context: AppContext, activity_id: str, target_id: str) -> Form:
    """Return the form with what is noted about a target so far."""
    verification = context.office.verification

    def load() -> tuple[FormField, ...]:
        notes = verification.notes(target_id) or TargetNotes(target_id, activity_id)
        none = Choice(_NO_LEGAL, message("catatan.legal_none"))
        return (
            *(_note_field(name, getattr(notes, name), f"{name}_hint") for name in ("safety", "access", "contact")),
            FormField("latitude", message("catatan.latitude"), _degrees(notes.latitude), "-8,0954"),
            FormField("longitude", message("catatan.longitude"), _degrees(notes.longitude), "112,1609"),
            _note_field(
                "legal", notes.legal or _NO_LEGAL, choices=(none, *Choice.each(LegalCategory, "catatan.legal_"))
            ),
        )

    def keep(values: Mapping[str, str]) -> object:
        latitude, longitude = _read(values["latitude"], _POLES), _read(values["longitude"], _DATE_LINE)
        if (latitude is None) != (longitude is None):
            raise InputError("catatan.half_a_place")
        now = verification.notes(target_id) or TargetNotes(target_id, activity_id)
        noted = replace(
            now,
            legal=None if values["legal"] == _NO_LEGAL else LegalCategory(values["legal"]),
            access=_line(values["access"]),
            contact=_line(values["contact"]),
            safety=_line(values["safety"]),
            latitude=latitude,
            longitude=longitude,
        )
        if noted != now:
            verification.note(noted)
        return noted

    return Form(message("catatan.title"), load, keep, message("catatan.hint"), message("catatan.save"))


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")


def _read(text: str, most: int) -> float | None:
    try:
        return read_degrees(text, most)
    except CellError:
        raise InputError("catatan.coordinate", text=text) from None


def _line(text: str) -> str:
    return " ".join(text.split())


def add_nik_form(context: AppContext, target_id: str) -> Form:
    """Return the form; it says whose provisional number it takes the place of."""

    def load() -> tuple[FormField, ...]:
        who = context.visits.target(target_id).biodata
        papers = Choice.each(NikPaper, "field.nik_paper_")
        hint = message("field.nik_in_place", name=who.masked_name, number=who.nik.masked)
        return (
            FormField("nik", message("common.nik"), hint=hint),
            FormField("number", message("field.nik_number"), hint=message("field.nik_number_hint")),
            FormField("paper", message("field.nik_paper"), choices=papers),
        )

    def keep(values: Mapping[str, str]) -> object:
        nik, paper = answer(values, "nik", Nik.parse), answer(values, "paper", chosen(NikPaper))
        return context.office.niks.add(target_id, nik, paper, values["number"])

    title = message("field.add_nik")
    form = Form(title, load, keep, message("field.add_nik_hint"), title, wide=_WIDE_NOTES)
    return form.for_whom(context, Permission.VERIFY_TARGETS, message("sasaran.not_yours"))


# Surat permohonan and lembar disposisi as forms.

_ONE_WEEK = timedelta(days=7)
_field = Labels("request.")
_WIDE = {
    "applicant": 4,
    "sifat": 4,
    "sender": 2,
    "number": 2,
    "subject": 2,
    "scans": 2,
    "sop": 4,
    "mode": 2,
    "perekaman": 4,
}
_FORWARD = (Role.KABID, Role.KASI, Role.KETUA_TIM, Role.LOKET)


def request_form(context: AppContext, activity_id: str = "") -> Form:
    """Return the form of a request; without an activity it begins one."""

    def load() -> tuple[FormField, ...]:
        today = context.clock.today()
        fields = [
            _field("applicant", Applicant.PEMERINTAH_DESA, choices=Choice.each(Applicant, "request.applicant_")),
            _field("sifat", Sifat.BIASA, choices=Choice.each(Sifat, "request.sifat_")),
            _field("sender", hint="request.sender_hint"),
            _field("number"),
            _field("dated", day_text(today)),
            _field("received_on", day_text(today)),
            _field("subject", "Permohonan perekaman KTP-el"),
            _field("targets", "0"),
            replace(_field("village", choices=offered(context.office.requests.villages())), pick=Pick.OPEN),
            _field("district"),
            _field("region", hint="request.region_hint"),
            _field("contact"),
            _field("agenda"),
            _field("scans", hint="request.scans_hint", is_paper=True, is_many=True),
        ]
        if not activity_id:
            fields += [
                _field("on", day_text(today + _ONE_WEEK)),
                _field("mode", ModePerekaman.LURING, choices=Choice.each(ModePerekaman, "request.mode_")),
                sop_field(context),
                perekaman_field(),
            ]
        return tuple(fields)

    def keep(values: Mapping[str, str]) -> SuratPermohonan:
        request = _request(values, activity_id)
        return context.office.requests.register(request, None if activity_id else _proposed(values), _scans(values))

    return Form(message("common.request_letter"), load, keep, save=message("common.register"), wide=_WIDE)


def disposition_form(context: AppContext, activity_id: str) -> Form:
    """Return the lembar disposisi of the last request of an activity, as it was written before or empty."""

    def load() -> tuple[FormField, ...]:
        earlier = context.office.dispositions.of(_last(context, activity_id).thing_id)
        roles = Choice.each(_FORWARD, "role.")
        wishes = Choice.each(Harapan, "request.harapan_")
        chosen = earlier.forwarded_to if earlier else (Role.KABID,)
        wished = earlier.harapan if earlier else (Harapan.PROSES_LEBIH_LANJUT,)
        return (
            _field("sifat", earlier.sifat if earlier else Sifat.BIASA, choices=Choice.each(Sifat, "request.sifat_")),
            _field("to", SEPARATOR.join(chosen), choices=roles, is_many=True),
            _field("harapan", SEPARATOR.join(wished), choices=wishes, is_many=True),
            _field("note", earlier.note if earlier else ""),
        )

    def keep(values: Mapping[str, str]) -> object:
        return context.office.dispositions.dispose(
            _last(context, activity_id).thing_id,
            Sifat(values["sifat"]),
            [Role(name) for name in values["to"].split()],
            [Harapan(name) for name in values["harapan"].split()],
            values["note"],
        )

    def scans() -> Sequence[Attachment]:
        return context.office.scans.of(_last(context, activity_id).thing_id)

    return Form(
        message("request.disposition"),
        load,
        keep,
        message("request.disposition_hint"),
        message("request.dispose"),
        beside=Beside(scans, lambda found: drawn(context, found)),
    )


def drawn(context: AppContext, scans: Sequence[Attachment]) -> Pages:
    """Return the pages of scans, to be read beside a form."""
    shown = context.office.scans.draw(scans)
    if shown.unreadable:
        return Pages(shown.pages, message("request.scan_unreadable", names=", ".join(shown.unreadable)))
    return Pages(shown.pages, "" if shown.pages else message("request.no_scan"))


def _last(context: AppContext, activity_id: str) -> SuratPermohonan:
    requests = context.office.requests.of(activity_id)
    if not requests:
        raise InputError("dispose.no_request")
    return requests[-1]


def _request(values: Mapping[str, str], activity_id: str) -> SuratPermohonan:
    return SuratPermohonan(
        thing_id="",
        activity_id=activity_id,
        applicant=Applicant(values["applicant"]),
        sender=values["sender"].strip(),
        number=values["number"].strip(),
        dated=answer(values, "dated", read_day),
        received_on=answer(values, "received_on", read_day),
        subject=values["subject"].strip(),
        village=values["village"].strip(),
        district=values["district"].strip(),
        region=values["region"].replace(".", "").strip(),
        targets=answer(values, "targets", optional(read_whole)) or 0,
        contact=values["contact"].strip(),
        sifat=Sifat(values["sifat"]),
        agenda=values["agenda"].strip(),
    )


def _proposed(values: Mapping[str, str]) -> ProposedActivity:
    place = values["village"].strip()
    name = f"Jemput bola {place}, {values['district'].strip()}".rstrip(", ") if place else ""
    on, mode = answer(values, "on", read_day), ModePerekaman(values["mode"])
    return ProposedActivity(name, place, on, mode, sop_of(values), perekaman_in(values))


def _scans(values: Mapping[str, str]) -> list[Scan]:
    return answer(values, "scans", lambda _text: [scan_of(*paper) for paper in papers(values, "scans")])


# Jawaban SIAK: name the file, look at what fits our targets and what does not, take over what fits.


class SiakAnswerPresenter(FileRowsPresenter):
    """Refused rows stand first, each with its reason."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        self._answer: SiakAnswer | None = None
        title = message("cek.answer_title")
        super().__init__(context, tasks, navigator, activity_id, title, Empty(title, message("cek.answer_hint")))

    def _forget(self) -> None:
        super()._forget()
        self._answer = None

    def _read(self, path: str) -> None:
        read = self._context.office.verification.read_answer
        self._run(message("impor.reading"), lambda: read(self._activity_id, *read_file(path)), self._seen)

    def _seen(self, answer: SiakAnswer) -> None:
        self._answer = answer
        self._show_lines((*map(refused_line, answer.refused), *map(_answered, answer.rows)))

    def _take(self) -> bool:
        if (answer := self._answer) is None:
            return False
        take = self._context.office.verification.take_answer
        done = self._navigator.back
        self._run(message("impor.reading"), lambda: take(self._activity_id, answer), lambda _kept: done())
        return True

    def _tags(self) -> tuple[Tag, ...]:
        if self._answer is None:
            return ()
        refused = len(self._answer.refused)
        tone = Tone.GOOD if self._answer.rows else Tone.NEUTRAL
        fits = Tag(message("impor.accepted", count=len(self._answer.rows)), tone)
        return (fits, Tag(message("impor.refused", count=refused), Tone.BAD)) if refused else (fits,)

    def _bar(self) -> Bar:
        if self._answer is None:
            return Bar(leave(self.back), (self._read_command(),))
        none: Message = "" if self._answer.rows else message("impor.none_accepted")
        return Bar(leave(self.back), (enter(message("cek.take_answer"), self.accept, none),))


def _answered(row: Answered) -> Line:
    return line_of(row.number, row.target.biodata, Tag(message(f"verdict_siak.{row.verdict.value}"), Tone.SOFT))


_CHOSEN = "chosen"


class Targets(FieldList):
    """Finds a person and opens the recording; `target_id` is where the cursor stands at first."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "", target_id: str = "") -> None:
        super().__init__(context, navigator, activity_id)
        self._wanted = target_id
        self._draft = DraftName("targets", {"activity_id": activity_id})
        self._notes: Mapping[str, TargetNotes] = {}  # like what follows once it was read
        self._next = ""  # who was opened last if that is not done, else the next house

    def screen(self) -> ListScreen[TargetLine]:
        """Return the list."""
        states: tuple[Filter[TargetLine], ...] = Filter.each(TargetState, "target.", attrgetter("state"), STATE_TONES)
        kinds: tuple[Filter[TargetLine], ...] = Filter.each(ServiceCategory, "category.", attrgetter("category"))
        return ListScreen(
            title=message("common.targets"),
            heads=(
                house(lambda t: t.house),
                person(lambda t: t),
                address(lambda t: t),
                Head.tagged(message("sasaran.category"), lambda t: category_tag(t.category), 140, lambda t: t.category),
                Head.tagged(message("common.state"), state_tag, 170, lambda t: t.state),
                Head(message("sasaran.warnings"), lambda t: tagged(*warning_tags(t, self._context)), 250),
            ),
            load=self._load,
            name=lambda target: target.target_id,
            find=finding(self._matching, lambda t: t.target_id),
            reads=frozenset({"targets", "record", "session", "activity", TargetNotes.KIND}),
            filters=((ALL, *states), (ALL, *kinds)),
            empty=self._nothing,
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
            where=self._where,
            begins_at=lambda target: target.target_id == self._next,
        )

    def _load(self) -> Sequence[TargetLine]:
        found = self._found(None)
        if found.activity is None:
            return ()
        self._notes = self._office.verification.notes_of(found.activity.activity_id)
        draft = self._context.drafts.find(self._draft)
        waiting = [target.target_id for target in found.targets if target.state in OPEN]
        chosen = draft.fields.get(_CHOSEN, "") if draft else ""
        self._next = self._wanted or (chosen if chosen in waiting else next(iter(waiting), ""))
        return found.targets

    def _side(self, listed: Listed[TargetLine]) -> tuple[Panel, ...]:
        target = listed.current
        told = told_before(target, self._notes.get(target.target_id), self._context) if target else ()
        return (Hint(target.biodata.name, told, Tone.CAUTION),) if target and told else ()

    def _commands(self, listed: Listed[TargetLine]) -> tuple[Command, ...]:
        target, opens, at = listed.current, self._opens, listed.current.target_id if listed.current else ""
        none: Message = "" if target else message("common.choose_person")
        young: Message = too_young(target, self._context) if target else ""
        no_notes = none or self._refusal(Permission.VERIFY_TARGETS, "sasaran.not_yours")
        refused = none or self._refusal(Permission.RECORD, "sasaran.not_yours") or young
        of = {"activity_id": self._at, "target_id": at}
        queue = opens("show_queue", message("sasaran.show_queue"), None, "", "queue")
        record = Operation(work=partial(self._open, at), done=partial(show_recording, self._navigator))
        return (
            *((queue,) if target and target.state in DONE else ()),
            self._import(),
            opens("write_notes", message("common.person_notes"), Action.PERSON_NOTES, no_notes, "target_notes", **of),
            forms_command(self._context, self._navigator, at, Weight.SECOND, none),
            opens("check_card", message("act.card"), Action.CARD, none, "card_check", target_id=at),
            enter(message("common.record"), record, refused),
        )

    def _nothing(self, listed: Listed[TargetLine]) -> Empty:
        if listed.everything or self._activity is None:
            return super()._nothing(listed)
        take = replace(self._import(), weight=Weight.PRIMARY)
        return Empty.of("sasaran.empty", None if take.refused else take)

    def _import(self) -> Command:
        """Return the way to a list from a file: also an activity without an SOP has no other."""
        refused = self._no_day or self._refusal(Permission.REGISTER, "sasaran.not_yours")
        words, of = message("langkah.to_import_targets"), {"activity_id": self._at}
        return self._opens("import_targets", words, Action.HAND_IN, refused, "import_targets", **of)

    def _open(self, target_id: str) -> CaptureSession:
        self._context.drafts.hold(self._draft, {_CHOSEN: target_id})
        return self._context.recording.open(target_id)


# Verifikasi sasaran: the worklist before leaving; SIAK answers by file.

_BEFORE_VISIT = (TargetState.PLANNED, TargetState.POSTPONED, TargetState.CANCELLED)


class VerifyTargets(OfficeList):
    """Judges one or all that are ticked."""

    _needs = (Permission.VERIFY_TARGETS, "cek.not_yours")

    def __init__(
        self, context: AppContext, navigator: Navigator, printing: Printing, messages: Messages, activity_id: str
    ) -> None:
        super().__init__(context, navigator, activity_id)
        self._printing, self._messages, self._verification = printing, messages, context.office.verification

    def screen(self) -> ListScreen[TargetLine]:
        """Return the list; whom nobody has checked stands first."""
        verdicts: tuple[Filter[TargetLine], ...] = Filter.each(TargetVerdict, "verdict_siak.", _verdict, VERDICT_TONES)
        return ListScreen(
            title=message("cek.title"),
            heads=(
                house(lambda t: t.house),
                person(lambda t: t),
                Head(message("common.born"), lambda t: FigureCell(day_text(t.biodata.birth_date)), 130, _born),
                Head.tagged(message("cek.verdict"), lambda t: verdict_tag(t.verdict), 190, _verdict),
                Head.tagged(message("sasaran.warnings"), self._warning, 190),
            ),
            load=lambda: self._verification.worklist(self._of, TargetFilter()),
            name=lambda target: target.target_id,
            find=finding(partial(self._context.visits.matching, self._of), lambda t: t.target_id),
            reads=frozenset({"targets"}),
            filters=((verdicts[0], ALL, *verdicts[1:]),),
            ticks=lambda target: not self._not_yours and target.state in _BEFORE_VISIT,
            empty=nothing_yet("sasaran.empty"),
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
        )

    def _warning(self, target: TargetLine) -> Tag | None:
        return Tag(message("sasaran.check_nik"), Tone.CAUTION) if self._context.visits.findings(target) else None

    def _side(self, listed: Listed[TargetLine]) -> tuple[Panel, ...]:
        target = listed.current
        if target is None:
            return ()
        address = target.biodata.address
        place = message("sasaran.place", rt=address.rt, rw=address.rw, village=address.village)
        home = Facts.known(target.biodata.name, {"common.address": address.street}, place)
        odd = (message(finding.code) for finding in self._context.visits.findings(target)[:1])
        return (home, *(Hint(message("sasaran.check_nik"), words, Tone.CAUTION) for words in odd))

    def _commands(self, listed: Listed[TargetLine]) -> tuple[Command, ...]:
        not_yours, judge, chosen = self._not_yours, self._judge, listed.chosen
        closed: Message = "" if all(t.state in _BEFORE_VISIT for t in chosen) else message("cek.not_open")
        refused = not_yours or ("" if chosen else message("cek.nobody_shown")) or closed
        fine, words = TargetVerdict.TERVERIFIKASI, message("cek.verify", count=max(1, len(chosen)))
        export = Operation(work=self._export, told=lambda where: message("impor.saved", where=where))
        of = {"activity_id": self._of}
        others = (verdict for verdict in TargetVerdict if verdict is not fine)
        return (
            *(Command(v.value, verdict_words(v), None, Weight.PLAIN, refused, judge(chosen, v)) for v in others),
            Command("export", message("cek.export"), Action.NEW, refused=not_yours, runs=export),
            self._opens("read_answer", message("cek.answer"), Action.GROUP, not_yours, "siak_answer", **of),
            enter(words, judge(chosen, fine), refused, "verify"),
        )

    def _judge(self, chosen: Sequence[TargetLine], verdict: TargetVerdict) -> Operation[None]:
        judge, before = self._verification.judge, {target.target_id: target.verdict for target in chosen}
        return Operation(
            work=lambda: judge(self._of, dict.fromkeys(before, verdict)),
            told=lambda _: message("cek.kept", count=len(before)),
            undo=lambda _: Operation(work=lambda: judge(self._of, before), told=lambda _: message("cek.taken_back")),
        )

    def _export(self) -> str:
        return self._printing.save(*self._verification.export(self._of, self._messages))


def _born(target: TargetLine) -> str:
    return str(target.part("birth_date"))  # ISO days sort as text


_verdict: Callable[[TargetLine], TargetVerdict] = attrgetter("verdict")
