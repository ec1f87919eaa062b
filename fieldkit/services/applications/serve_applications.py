"""Applications from the counter to the print: registered, checked, entered, verified, approved, signed, printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain, islice, repeat

from fieldkit.domain.applications import (
    DOCUMENTS,
    FACTS,
    LEGS,
    Application,
    ApplicationState,
    Done,
    Service,
)
from fieldkit.domain.cards.blanks import NUMBERED, BlankAct
from fieldkit.domain.cards.card import CardCase, Handing, Place, Printed, PrintFailure, Receipt, read_registration
from fieldkit.domain.cards.printing import ClockState
from fieldkit.domain.documents import DOCUMENT_NAMES, Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Permission, Role
from fieldkit.domain.planning.outreach import Activity
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.sop.standing import SopGlance
from fieldkit.ports.store import Unit
from fieldkit.services.applications.begin_application import Handed, attached, begun
from fieldkit.services.applications.notify import application_sent_back, applications_moved, demand_role, doers, step_of
from fieldkit.services.calendar import KeepCalendar
from fieldkit.services.cards.keep_blanks import OpenLedger, Use
from fieldkit.services.cards.print_cards import Registrations
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.targets.register_request import Scan
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# An application as screens show it: its way through the SOP, whose turn it is, minutes against the standard.


@dataclass(frozen=True, slots=True)
class Leg:
    """A step of an application's way. `minutes` is what the office took, without the time at the applicant's."""

    fact: Fulfilment
    who: str  # the column of the SOP, else the account's noun
    roles: tuple[Role, ...]  # accounts that do it, or write down an outsider's act
    standard_minutes: int | None
    ended_at: datetime | None = None
    by: str = ""  # name
    minutes: int | None = None

    @property
    def is_slow(self) -> bool:
        """Return whether it took longer than its standard."""
        return self.minutes is not None and self.standard_minutes is not None and self.minutes > self.standard_minutes


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One application with its document."""

    application: Application
    card: CardCase | None
    legs: tuple[Leg, ...]
    names: Mapping[str, str]  # user_id → name
    away: timedelta  # with the applicant

    @property
    def is_over(self) -> bool:
        """Return whether nobody waits for it any more."""
        return not self.application.counts or _arrived(self.application, self.card) is not None

    @property
    def next(self) -> Leg | None:
        """Return the step that waits, None when all is over."""
        return None if self.is_over else next((leg for leg in self.legs if leg.ended_at is None), None)

    @property
    def is_with_applicant(self) -> bool:
        """Return whether the applicant has to complete it."""
        return self.application.state is ApplicationState.PERLU_DILENGKAPI

    def waits_for(self, role: Role) -> bool:
        """Return whether the next step is that of a role, and not the applicant's."""
        return self.next is not None and not self.is_with_applicant and role in self.next.roles

    @property
    def who(self) -> str:
        """Return whose the next step is, "" when all is over."""
        return self.next.who if self.next else ""

    def takes_papers_of(self, role: Role) -> bool:
        """Return whether a role may still bring papers: until they were checked, and while the applicant completes."""
        is_open = self.application.counts and not self.application.has_reached(ApplicationState.DIPERIKSA)
        return is_open and role in (*self.legs[0].roles, *(self.next.roles if self.next else ()))

    @property
    def minutes(self) -> int:
        """Return what the office took so far."""
        return sum(leg.minutes or 0 for leg in self.legs)

    @property
    def standard_minutes(self) -> int | None:
        """Return the standard of all steps, None without an SOP."""
        known = [leg.standard_minutes for leg in self.legs if leg.standard_minutes is not None]
        return sum(known) if known else None

    @property
    def is_slow(self) -> bool:
        """Return whether the office took longer than the standard of the whole way."""
        return self.standard_minutes is not None and self.minutes > self.standard_minutes

    @property
    def standing(self) -> ClockState:
        """Return how the time of the whole way stands against its standard."""
        if self.standard_minutes is None:
            return ClockState.NOT_STARTED
        if self.is_slow:
            return ClockState.MISSED
        return ClockState.KEPT if self.is_over else ClockState.RUNNING

    @property
    def due_at(self) -> datetime | None:
        """Return when the standard of the whole way is used up; the time at the applicant's does not count."""
        standard = self.standard_minutes
        if standard is None:
            return None
        return self.application.history[0].at + timedelta(minutes=standard) + self.away


def views_of(unit: Unit, applications: Iterable[Application]) -> list[ApplicationView]:
    """Return what screens show of applications, in their order."""
    names = {user.user_id: user.name for user in unit.users()}
    ways: dict[tuple[str, Service], tuple[Leg, ...]] = {}
    views = []
    for application in applications:
        key = (application.activity_id, application.service)
        if key not in ways:
            ways[key] = _way(unit, application)
        card = unit.repository(CardCase).find(application.document_id) if application.document_id else None
        views.append(_view(application, card, ways[key], names))
    return views


def _way(unit: Unit, application: Application) -> tuple[Leg, ...]:
    """Return the steps that an application of its activity and service comes by, before anybody did anything."""
    run = unit.repository(SopRun).find(application.activity_id)
    legs = []
    for fact in application.legs:
        step, roles = step_of(run, fact), doers(unit, run, application, fact)
        usual = next((role.value.replace("_", " ") for role in roles), "")  # the end of an SOP may name nobody
        who = step.doer.column if step and step.doer else usual
        legs.append(Leg(fact, who, roles, step.standard.minutes if step and step.standard else None))
    return tuple(legs)


def _view(
    application: Application, card: CardCase | None, way: Iterable[Leg], names: Mapping[str, str]
) -> ApplicationView:
    ends, spent, away = _measured(application, card)
    legs = []
    for leg in way:
        at, by = ends.get(leg.fact, (None, ""))
        minutes = round(spent[leg.fact].total_seconds() / 60) if leg.fact in spent else None
        legs.append(replace(leg, ended_at=at, by=names.get(by, ""), minutes=minutes))
    return ApplicationView(application, card, tuple(legs), names, away)


_Ends = dict[Fulfilment, tuple[datetime, str]]


@dataclass(frozen=True, slots=True)
class _Moment:
    """Something happened; `fact` is what it brought about, if anything."""

    fact: Fulfilment | None
    at: datetime
    by: str = ""
    is_again: bool = False  # the applicant handed it in once more


def _measured(application: Application, card: CardCase | None) -> tuple[_Ends, dict[Fulfilment, timedelta], timedelta]:
    """Return when each step ended and by whom, what each took over all its rounds, and the time at the applicant's."""
    first, facts = application.history[0], application.legs
    received: _Ends = {Fulfilment.APPLICATION_RECEIVED: (first.at, first.by)}
    ends, spent, away, begun = dict(received), dict[Fulfilment, timedelta](), timedelta(), first.at
    for moment in (*_of_office(application), *_of_card(application, card)):
        waiting = next((fact for fact in facts if fact not in ends), None)
        if moment.is_again:
            away += moment.at - begun
            ends = dict(received)
        elif waiting is not None:
            spent[waiting] = spent.get(waiting, timedelta()) + (moment.at - begun)
        if moment.fact is not None:
            ends[moment.fact] = (moment.at, moment.by)
        begun = moment.at
    return ends, spent, away


def _of_office(application: Application) -> Iterator[_Moment]:
    for done in application.history[1:]:
        is_again = done.state is ApplicationState.TERDAFTAR
        yield _Moment(None if is_again else FACTS.get(done.state), done.at, done.by, is_again)


def _of_card(application: Application, card: CardCase | None) -> Iterator[_Moment]:
    told_at = card.courier.told_at if card and card.courier else None
    if told_at is not None:
        yield _Moment(Fulfilment.COURIER_TOLD, told_at)
    end = _arrived(application, card)
    if end is not None:
        yield _Moment(application.legs[-1], end.at, end.by)


def _arrived(application: Application, card: CardCase | None) -> Receipt | Handing | None:
    """Return how a document came where the way of its application ends, None while it is under way."""
    if card is None or card.receipt is not None or application.legs[-1] is not Fulfilment.CARDS_TO_DESA:
        return card.receipt if card is not None else None
    return next((each for each in reversed(card.handings) if each.to is card.place is Place.DESA), None)


_S = ApplicationState
MINUTES_A_DAY = 450  # of office hours, as the SOPs count them
_ACTS = {
    _S.DIPERIKSA: "application_checked",
    _S.DIINPUT: "application_entered",
    _S.DIVERIFIKASI: "application_verified",
    _S.DISETUJUI: "application_approved",
    _S.TTE: "application_signed",
    _S.DITERIMA_LOKET: "document_at_counter",
}


@dataclass(frozen=True, slots=True)
class Signed:
    """Where a document bears its electronic signature: a letter of this kit, else SIAK's number and its scan."""

    letter_id: str = ""
    number: str = ""
    scans: tuple[Scan, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheets:
    """What a print took: the numbers of the sheets, how many went well and how many were spoilt, and why."""

    batch: str
    good: int = 1
    spoilt: int = 0
    why: str = ""
    numbers: tuple[str, ...] = ()  # of the blanks that went well, where blanks are counted by numbers
    spoilt_numbers: tuple[str, ...] = ()


class ServeApplications:
    """Applications, for the user who is signed in."""

    def __init__(
        self, units: UnitsOfWork, letters: WriteLetters, registrations: Registrations, calendar: KeepCalendar
    ) -> None:
        self._units, self._letters, self._registrations, self._calendar = units, letters, registrations, calendar

    # --- reading

    def get(self, application_id: str) -> Application:
        """Return one. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.repository(Application).get(application_id)

    def of(self, activity_id: str) -> Sequence[Application]:
        """Return the applications of an activity, oldest first."""
        with self._units.read() as unit:
            return unit.repository(Application).of(activity_id)

    def search(self, text: str = "", limit: int | None = None) -> Sequence[Application]:
        """Return applications by name, registration number or village, newest first."""
        with self._units.read() as unit:
            return unit.repository(Application).search(text, limit)

    def view(self, application_id: str) -> ApplicationView:
        """Return one with its way through the SOP. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return views_of(unit, [unit.repository(Application).get(application_id)])[0]

    def board(self, activity_id: str = "", text: str = "") -> Sequence[ApplicationView]:
        """Return the applications of an activity, or of all, that match what was typed; newest first."""
        with self._units.read() as unit:
            found = unit.repository(Application).search(text)
            return views_of(unit, [each for each in found if activity_id in ("", each.activity_id)])

    def documents(self, activity_id: str) -> Sequence[Document]:
        """Return what people apply for in an activity: what its SOP gives, else everything."""
        with self._units.read() as unit:
            run = unit.repository(SopRun).find(activity_id)
        return _offered(run, _given(run) or tuple(DOCUMENTS))

    def counters(self) -> Sequence[tuple[Activity, Sequence[Document]]]:
        """Return the newest activity of each SOP that serves applications, with what people apply for there."""
        with self._units.read() as unit:
            newest: dict[str, str] = {}
            for glance in unit.repository(SopGlance).search():
                newest.setdefault(glance.sop_id, glance.activity_id)
            runs = {at: unit.repository(SopRun).find(at) for at in newest.values()}
            given = {at: _offered(run, _given(run)) for at, run in runs.items()}
            return [(unit.activities.get(at), documents) for at, documents in given.items() if documents]

    def papers(self, application: Application) -> Sequence[Letter]:
        """Return the letters about an application that are not void, oldest first."""
        with self._units.read() as unit:
            letters = unit.repository(Letter).of(application.activity_id)
        number = application.registration
        return [each for each in letters if each.fields.get("registration") == number and not _is_void(each)]

    def signed_letters(self, activity_id: str) -> Sequence[Letter]:
        """Return the letters of an activity that bear an electronic signature."""
        with self._units.read() as unit:
            letters = unit.repository(Letter).of(activity_id)
        return [each for each in letters if _bears_tte(each)]

    def tally(self, activity_id: str) -> Mapping[ApplicationState, int]:
        """Return how many applications of an activity are in each state."""
        return Counter(application.state for application in self.of(activity_id))

    # --- from the counter to the approval

    def register(self, activity_id: str, handed: Handed) -> Application:
        """Register an application; where the SOP of the activity says what it gives, its steps are the way.

        Raise `InputError`, `RuleError("registration.taken")`.
        """
        if not handed.applicant.name.strip():
            raise InputError("biodata.no_name").at("name")
        typed = read_registration(handed.registration) if handed.registration.strip() else ""
        with self._units.write(Permission.SERVE_KK) as work:
            repository = work.unit.repository(Application)
            if typed and any(other.registration == typed for other in repository.search()):
                raise RuleError("registration.taken", registration=typed)
            number = typed or self._registrations.next(work.unit)
            application = begun(work, activity_id, replace(handed, registration=number), self._units.clock.today())
            told = {"service": application.service.value, "document": handed.document.value}
            return _kept(work, application, "application_registered", **told)

    def check(self, application_id: str) -> Application:
        """Say that everything is there and right. Raise `RuleError("application.lacks")`."""
        return self._move(application_id, _S.DIPERIKSA)

    def send_back(self, application_id: str, reason: str) -> Application:
        """Tell the applicant what is to be completed, and why; by whoever has it before them."""
        with self._units.write(Permission.SERVE_KK) as work:
            application = work.unit.repository(Application).get(application_id)
            wanted = application.next_state
            if wanted is not None:
                demand_role(work, application, wanted)
            application = application.sent_back(_done(work, _S.PERLU_DILENGKAPI, reason.strip()))
            _kept(work, application, "application_sent_back")
            application_sent_back(work, application)
            return application

    def complete(self, application_id: str) -> Application:
        """Note that what was missing came; the check begins anew. Raise `RuleError("application.lacks")`."""
        with self._units.write(Permission.SERVE_KK) as work:
            application = work.unit.repository(Application).get(application_id)
            application = application.completed(_done(work, _S.TERDAFTAR))
            return _kept(work, application, "application_completed")

    def withdraw(self, application_id: str, reason: str) -> Application:
        """Note that the applicant took an application back."""
        if not reason.strip():
            raise InputError("application.no_reason").at("reason")
        with self._units.write(Permission.SERVE_KK) as work:
            application = work.unit.repository(Application).get(application_id)
            return _kept(work, application.withdrawn(_done(work, _S.DITARIK, reason.strip())), "application_withdrawn")

    def enter(self, application_id: str) -> Application:
        """Note that the data of a KK were entered and submitted for approval."""
        return self._move(application_id, _S.DIINPUT)

    def verify(self, application_id: str) -> Application:
        """Note the verification by kasi or kabid."""
        return self._move(application_id, _S.DIVERIFIKASI)

    def approve(self, application_id: str) -> Application:
        """Note the approval; its signature follows."""
        return self._move(application_id, _S.DISETUJUI)

    def note_tte(self, application_id: str, signed: Signed) -> Application:
        """Note that the document was signed electronically: as a letter of this kit, or in SIAK with number and scan.

        Raise `RuleError("application.not_signed")` for a letter that is not; `InputError`:
        `application.no_siak_number`, `application.no_siak_scan`.
        """
        if not signed.letter_id and not signed.number.strip():
            raise InputError("application.no_siak_number").at("number")
        if not signed.letter_id and not signed.scans:
            raise InputError("application.no_siak_scan").at("scan")
        return self._move(application_id, _S.TTE, signed)

    def receive_at_counter(self, application_id: str) -> Application:
        """Note that the counter has the printed and signed KK."""
        return self._move(application_id, _S.DITERIMA_LOKET)

    # --- print

    def note_printed(self, application_ids: Sequence[str], sheets: Sheets) -> Sequence[CardCase]:
        """Note that the official application printed documents; all of them or none. Each is handed over from here.

        Spoilt sheets are counted with their reason. Raise `InputError`: `card.none_chosen`, `application.no_sheets`,
        `application.spoilt_why`.
        """
        if not application_ids:
            raise InputError("card.none_chosen")
        if sheets.good < 1 or sheets.spoilt < 0:
            raise InputError("application.no_sheets").at("good")
        if sheets.spoilt and not sheets.why.strip():
            raise InputError("application.spoilt_why").at("why")
        with self._units.write(Permission.PRINT_CARDS) as work:
            ledger = OpenLedger(work, self._registrations.kit_id)
            cards = []
            for application_id in dict.fromkeys(application_ids):
                application = work.unit.repository(Application).get(application_id)
                demand_role(work, application, _S.TERCETAK)
                application = application.moved(_done(work, _S.TERCETAK))
                who = application.applicant
                document_id = work.ids.new()
                number = _taken(ledger, application, document_id, sheets)
                printed = Printed(work.at, work.user.user_id, sheets.batch.strip(), sheets=sheets.good, number=number)
                card = CardCase(
                    thing_id=document_id,
                    activity_id=application.activity_id,
                    document=application.document,
                    registration=application.registration,
                    name=who.name,
                    masked_nik=who.nik.masked,
                    village=who.village,
                    prints=(printed,),
                    application_id=application_id,
                )
                told = {"document": card.document.value, "batch": printed.batch}
                work.keep(card, "card_printed", sheets=printed.sheets, spoilt=sheets.spoilt, **told)
                _note_spoilt(work, card, sheets)
                _kept(work, replace(application, document_id=card.thing_id), "application_printed")
                cards.append(card)
            return cards

    # --- papers

    def write_form(self, application_id: str) -> Letter:
        """Draft the formulir of an application."""
        application = self.get(application_id)
        fields = {
            **_who(application),
            "nik": application.applicant.nik.digits,  # the applicant signs it, and it is keyed into SIAK
            "address": application.applicant.address,
            "phone": application.applicant.phone,
            "reason": application.wish,
            "requirements": [paper.name for paper in application.requirements],
        }
        return self._letters.draft(LetterKind.FORMULIR, application.activity_id, fields)

    def write_slip(self, application_id: str) -> Letter:
        """Draft the bukti pengambilan that the applicant holds, with the day from which the document can be fetched."""
        view = self.view(application_id)
        fields = {**_who(view.application), "ready": self.ready_on(view).isoformat()}
        return self._letters.draft(LetterKind.BUKTI_PENGAMBILAN, view.application.activity_id, fields)

    def ready_on(self, view: ApplicationView) -> date:
        """Return the day of pick-up: working days by the standard of the SOP, the first after the last hand-in."""
        received = [done.at for done in view.application.history if done.state is _S.TERDAFTAR][-1]
        days = max(1, -(-(view.standard_minutes or 0) // MINUTES_A_DAY))
        return self._calendar.calendar().add_workdays(self._units.clock.local(received).date(), days)

    def write_recap(self, activity_id: str, period: str) -> Letter:
        """Draft the rekapitulasi of the documents that were printed for an activity: counts, no names."""
        with self._units.read() as unit:
            cards = unit.repository(CardCase).of(activity_id)
        local = self._units.clock.local
        counted = Counter(
            (local(card.printed_at).date().isoformat(), DOCUMENT_NAMES[card.document], card.village) for card in cards
        )
        rows = [
            {"on": on, "type": document, "village": village, "count": count, "note": ""}
            for (on, document, village), count in sorted(counted.items())
        ]
        return self._letters.draft(LetterKind.REKAPITULASI, activity_id, {"period": period.strip(), "printed": rows})

    # --- parts

    def _move(self, application_id: str, state: ApplicationState, signed: Signed | None = None) -> Application:
        with self._units.write(Permission.SERVE_KK) as work:
            application = work.unit.repository(Application).get(application_id)
            done = _done(work, state)
            if signed is not None:
                files = attached(work, application_id, signed.scans)
                done = replace(done, letter_id=signed.letter_id, number=signed.number.strip(), files=files)
            moved = application.moved(done)
            demand_role(work, application, state)
            if done.letter_id:
                letter = work.unit.repository(Letter).get(done.letter_id)
                if not _bears_tte(letter):
                    raise RuleError("application.not_signed", title=letter.title)
            return _kept(work, moved, _ACTS[state])


def _taken(ledger: OpenLedger, application: Application, card_id: str, sheets: Sheets) -> str:
    """Take the blanks of a print out of the stock; return the number on the card."""
    of = partial(Use, sort=application.document, activity_id=application.activity_id, card_id=card_id)
    at = ledger.at
    if application.document not in NUMBERED:
        ledger.use(of(BlankAct.PRINTED, at=at), count=sheets.good)
        ledger.use(of(BlankAct.SPOILED, at=at, why=sheets.why.strip()), count=sheets.spoilt)
        return ""
    for number in islice(chain(sheets.spoilt_numbers, repeat("")), sheets.spoilt):
        ledger.use_at(of(BlankAct.SPOILED, at=at, why=sheets.why.strip()), number, "spoilt_numbers")
    numbers = islice(chain(sheets.numbers, repeat("")), sheets.good)
    return ", ".join(filter(None, [ledger.use_at(of(BlankAct.PRINTED, at=at), each, "numbers") for each in numbers]))


def _note_spoilt(work: UnitOfWork, card: CardCase, sheets: Sheets) -> None:
    for _ in range(sheets.spoilt):
        failure = PrintFailure(
            thing_id=work.ids.new(),
            activity_id=card.activity_id,
            record_id=card.application_id,
            at=work.at,
            by=work.user.user_id,
            batch=sheets.batch.strip(),
            why=sheets.why.strip(),
        )
        work.keep(failure, "card_print_failed", batch=failure.batch)


def _given(run: SopRun | None) -> Sequence[Service]:
    return [each for each in DOCUMENTS if all(step_of(run, fact) for fact in LEGS[each])]


def _offered(run: SopRun | None, given: Sequence[Service]) -> tuple[Document, ...]:
    if run is not None and run.profile.gives:
        return run.profile.gives
    return tuple(document for each in given for document in DOCUMENTS[each])


def _is_void(letter: Letter) -> bool:
    return letter.state is LetterState.VOID


def _bears_tte(letter: Letter) -> bool:
    return letter.state is LetterState.ISSUED and bool(letter.signed_pdf)


def _done(work: UnitOfWork, state: ApplicationState, note: str = "") -> Done:
    return Done(state, work.at, work.user.user_id, note)


def _kept(work: UnitOfWork, application: Application, act: str, **payload: str) -> Application:
    work.keep(application, act, **payload)
    applications_moved(work, application.activity_id)
    return application


def _who(application: Application) -> dict[str, str]:
    """Return what slips say of an applicant: the NIK masked."""
    return {
        "registration": application.registration,
        "service": f"Permohonan {DOCUMENT_NAMES[application.document]}",
        "name": application.applicant.name,
        "nik": application.applicant.nik.masked,
    }
