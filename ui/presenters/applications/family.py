"""Data KK: the family as the form F-1.02 has it, member by member, what is odd about it, and its forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from fieldkit.domain.applications import Application, ApplicationState, PaperVerdict, Requirement
from fieldkit.domain.families import Family, FamilyMember, FamilyRelation, Parent
from fieldkit.domain.nik import MaritalStatus, Nik, NoKk, Sex
from fieldkit.domain.recording.biodata import Address
from fieldkit.domain.typed import chosen, optional, path_of, read_birth_day
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices import PAPER_PX
from fieldkit.services.targets.register_request import PDF, Scan, ScanPages, scan_of
from ui.presenters.amounts import day_text
from ui.presenters.applications.applications import ApplicationList
from ui.presenters.figures import FigureCell, tagged
from ui.presenters.form import Beside, Form, FormField, Labels, Pick
from ui.presenters.lists import Facts, Head, Hint, Listed, ListScreen, Panel, Photo, nothing_yet
from ui.presenters.parts import Choice, Empty, Tag, Tone
from ui.presenters.picking import marital_statuses, sexes
from ui.presenters.presenter import Action, Command, Message, Operation, Weight, enter, message
from ui.presenters.readers import Values, answer, line, papers
from ui.presenters.targets.targets import drawn

_RELATION = "hubungan_keluarga"
_TABLES = {"religion": "agama", "education": "pendidikan", "occupation": "pekerjaan", "blood_type": "golongan_darah"}
_PARENTS = ("father", "father_nik", "mother", "mother_nik")
_CERTIFICATES = ("birth_certificate", "marriage_certificate", "divorce_certificate", "disability")
_field, _paper = Labels("biodata.field."), Labels("family.field_")
_HOME = ("street", "rt", "rw", "village", "district", "region")
_WIDE = {"name": 2, "sex": 4, "relation": 2, "marital_status": 4, "education": 2, "occupation": 2, "blood_type": 2}


@dataclass(frozen=True, slots=True)
class Row:
    """A member, its place in the family, and what is odd about it."""

    place: int
    member: FamilyMember
    doubts: tuple[str, ...]


class FamilyEntry(ApplicationList):
    """Enter submits when the family is complete; until then it adds the next member."""

    _family: Family  # read with the list

    def screen(self) -> ListScreen[Row]:
        """Return the list of the members, in the order of the form."""
        words = self._context.tables.wording
        return ListScreen(
            title=message("family.title"),
            heads=(
                Head.named(message("family.member"), lambda row: row.member.name, _below),
                Head(message("family.relation"), lambda row: FigureCell(words(_RELATION, row.member.relation)), 220),
                Head(message("common.born"), lambda row: FigureCell(day_text(row.member.birth_date)), 140),
                Head.tagged(message("common.check"), _doubt, 200),
            ),
            load=self._load,
            name=lambda row: str(row.place),
            text=lambda row: row.member.name,
            reads=frozenset({Application.KIND}),
            empty=lambda _listed: Empty.of("family.none", self._add(Action.ACCEPT)),
            side=self._side,
            commands=self._commands,
            hint=message("family.search"),
            where=self._where,
        )

    def _load(self) -> Sequence[Row]:
        self._read()
        family = self._family = self._office.families.family(self._id)
        odd = self._office.families.doubts(family)
        return [
            Row(place, member, tuple(finding.code for name, finding in odd if name == member.name))
            for place, member in enumerate(family.members)
        ]

    def _commands(self, listed: Listed[Row]) -> tuple[Command, ...]:
        row, closed, opens = listed.current, self._closed(), self._opens
        at = {"application_id": self._id}
        home = opens("open_home", message("family.home"), Action.CALENDAR, closed, "family_home", **at)
        if row is None:
            return (home, self._add(Action.ACCEPT))
        families, family, change_it, place = (
            self._office.families,
            self._family,
            message("common.change"),
            str(row.place),
        )
        change = opens("change", change_it, Action.REPAIR, closed, "family_member", place=place, **at)
        away = Operation(
            work=lambda: families.keep(self._id, family.without(row.place)),
            undo=lambda _kept: Operation(work=lambda: families.keep(self._id, family)),
            told=lambda _kept: message("family.removed", name=row.member.name),
        )
        remove = Command("remove", message("family.remove"), Action.REMOVE, Weight.DANGER, closed, away)
        enters, back = self._office.applications.enter, self._navigator.back
        send = Operation(work=lambda: enters(self._id), done=lambda _kept: back())
        return (home, remove, change, self._add(Action.NEW), enter(message("family.submit"), send, closed))

    def _add(self, act: Action) -> Command:
        name = "accept" if act is Action.ACCEPT else "begin_new"
        at = {"application_id": self._id, "place": str(len(self._family.members))}
        return self._opens(name, message("family.add"), act, self._closed(), "family_member", **at)

    def _closed(self) -> Message:
        if self._view.application.next_state is not ApplicationState.DIINPUT:
            return message("family.not_now")
        return self._others(self._view)

    def _side(self, listed: Listed[Row]) -> tuple[Panel, ...]:
        family = self._family
        home = family.address
        known: Mapping[str, Message] = {
            "biodata.field.no_kk": family.no_kk.masked if family.no_kk else message("family.new_number"),
            "common.address": f"{home.street} RT {home.rt or '-'} RW {home.rw or '-'}",
            "biodata.field.village": home.village,
            "biodata.field.district": home.district or message("family.empty"),
        }
        told = Facts.known(message("family.home"), known)
        row = listed.current
        if row is None or not row.doubts:
            return (told,)
        odd = tuple(map(message, row.doubts))
        return (told, Hint(message("family.look_at", name=row.member.name), odd, Tone.CAUTION))


def _below(row: Row) -> Message:
    return row.member.nik.masked if row.member.nik else message("family.no_number")


def _doubt(row: Row) -> Tag:
    return Tag(message("impor.is_doubtful"), Tone.CAUTION) if row.doubts else Tag(message("common.good"), Tone.GOOD)


def home_form(context: AppContext, application_id: str) -> Form:
    """Return the form of number and address of a family."""
    families = context.office.families

    def load() -> tuple[FormField, ...]:
        family = families.family(application_id)
        number = family.no_kk.digits if family.no_kk else ""
        return (
            _field("no_kk", number, "family.no_kk_hint"),
            *(_field(name, getattr(family.address, name)) for name in _HOME),
            FormField("postcode", message("family.postcode"), family.postcode),
            FormField("phone", message("counter.field_phone"), family.phone),
        )

    def keep(values: Values) -> object:
        home = Address(**{name: line(values, name) for name in _HOME})
        number = answer(values, "no_kk", optional(NoKk.parse))
        postcode, phone = values["postcode"].strip(), values["phone"].strip()
        family = families.family(application_id)
        kept = replace(family, no_kk=number, address=home, postcode=postcode, phone=phone)
        return families.keep(application_id, kept)

    return Form(message("family.home"), load, keep, message("family.home_hint"), wide=_WIDE)


def member_form(context: AppContext, application_id: str, place: int) -> Form:
    """Return the form of one member; the first one begins with what is known of the applicant."""
    families = context.office.families

    def load() -> tuple[FormField, ...]:
        members = families.family(application_id).members
        if place < len(members):
            return _fields(context, _texts(members[place]))
        who = context.office.applications.get(application_id).applicant
        known = {"name": who.name, "nik": who.nik.digits, "sex": who.nik.sex.value, "relation": "1"}
        born = {"birth_date": day_text(who.birth_date)} if who.birth_date else {}
        return _fields(context, {**known, **born} if not members else {})

    def keep(values: Values) -> object:
        family = families.family(application_id)
        return families.keep(application_id, family.with_member(place, _member(values)))

    title, hint = message("family.member_title", no=place + 1), message("family.member_hint")
    return Form(title, load, keep, hint, wide=_WIDE)


def _fields(context: AppContext, texts: Values) -> tuple[FormField, ...]:
    def coded(name: str, table: str) -> FormField:
        codes = context.tables.tables[table].items()
        choices = tuple(Choice(str(code), words, str(code)) for code, words in codes)
        label = message("biodata.field.family_relation" if name == "relation" else f"biodata.field.{name}")
        return FormField(name, label, texts.get(name, ""), choices=choices, pick=Pick.TYPED)

    def plain(name: str, choices: tuple[Choice, ...] = ()) -> FormField:
        return _field(name, texts.get(name, ""), choices=choices)

    return (
        plain("name"),
        plain("nik"),
        plain("sex", sexes()),
        plain("birth_place"),
        replace(plain("birth_date"), hint=message("counter.birth_date_hint")),
        coded("relation", "hubungan_keluarga"),
        plain("marital_status", marital_statuses()),
        *(coded(name, table) for name, table in _TABLES.items()),
        *(_paper(name, texts.get(name, "")) for name in (*_PARENTS, *_CERTIFICATES)),
    )


def _member(values: Values) -> FamilyMember:
    def code(name: str) -> int:
        return answer(values, name, chosen(int))

    def words(name: str) -> str:
        return " ".join(values[name].split())

    return FamilyMember(
        name=line(values, "name"),
        nik=answer(values, "nik", optional(Nik.parse)),
        sex=answer(values, "sex", chosen(Sex)),
        birth_place=line(values, "birth_place"),
        birth_date=answer(values, "birth_date", read_birth_day),
        relation=FamilyRelation(code("relation")),
        religion=code("religion"),
        education=code("education"),
        occupation=code("occupation"),
        blood_type=code("blood_type"),
        marital_status=MaritalStatus(code("marital_status")),
        father=Parent(line(values, "father"), answer(values, "father_nik", optional(Nik.parse))),
        mother=Parent(line(values, "mother"), answer(values, "mother_nik", optional(Nik.parse))),
        birth_certificate=words("birth_certificate"),
        marriage_certificate=words("marriage_certificate"),
        divorce_certificate=words("divorce_certificate"),
        disability=words("disability"),
    )


def _texts(member: FamilyMember) -> Values:
    plain: dict[str, Callable[[], str]] = {
        "nik": lambda: member.nik.digits if member.nik else "",
        "birth_date": lambda: day_text(member.birth_date),
        "father": lambda: member.father.name,
        "father_nik": lambda: member.father.nik.digits if member.father.nik else "",
        "mother": lambda: member.mother.name,
        "mother_nik": lambda: member.mother.nik.digits if member.mother.nik else "",
    }
    codes = ("relation", "marital_status", *_TABLES)
    same = ("name", "sex", "birth_place", *_CERTIFICATES)
    return {
        **{name: str(getattr(member, name)) for name in same},
        **{name: str(int(getattr(member, name))) for name in codes},
        **{name: read() for name, read in plain.items()},
    }


# Berkas permohonan: each paper against the list of what is needed; scanned, looked at, right or wrong.

_SHOWN = 2  # files and pages beside the list; all of them stand beside the form that asks what is wrong


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper and its place on the list of what is needed."""

    place: int
    paper: Requirement


class ApplicationPapers(ApplicationList):
    """Who takes in scans the papers, who checks reads them."""

    def screen(self) -> ListScreen[Paper]:
        """Return the list, in the order of what is needed."""
        return ListScreen(
            title=message("papers.title"),
            heads=(
                Head(message("papers.paper"), lambda each: FigureCell(each.paper.name, is_strong=True)),
                Head(message("papers.files"), _files, 130),
                Head(message("common.check"), _verdict, 250),
            ),
            load=lambda: [Paper(*each) for each in enumerate(self._read().application.requirements)],
            name=lambda each: str(each.place),
            text=lambda each: each.paper.name,
            about=self._drawn,
            reads=frozenset({Application.KIND}),
            empty=nothing_yet("papers.none"),
            side=_side,
            commands=self._commands,
            hint=message("papers.search"),
            where=self._where,
            begins_at=lambda each: each.paper.verdict is not PaperVerdict.RIGHT,
        )

    def _drawn(self, each: Paper) -> ScanPages:
        files = self._office.application_papers.files(self._id, each.place)
        return self._office.scans.draw(files[:_SHOWN])

    def _commands(self, listed: Listed[Paper]) -> tuple[Command, ...]:
        current, opens = listed.current, self._opens
        if current is None:
            return ()
        view, paper, at = self._view, current.paper, {"application_id": self._id, "place": str(current.place)}
        checked: Message = "" if view.takes_papers_of(self._context.user.role) else message("papers.not_open")
        judging = checked or self._others(view)
        say_right = Operation(
            work=partial(self._office.application_papers.judge, self._id, current.place, PaperVerdict.RIGHT),
            told=lambda _kept: message("papers.right_told", paper=paper.name),
            done=self._next,
        )
        if not paper.files:  # Enter does what comes next
            return (opens("accept", message("papers.scan"), Action.ACCEPT, checked, "paper_scan", **at),)
        return (
            opens("begin_new", message("papers.scan"), Action.NEW, checked, "paper_scan", **at),
            opens("say_wrong", message("papers.wrong"), Action.SET_ASIDE, judging, "paper_wrong", **at),
            enter(message("papers.right"), say_right, judging),
        )

    def _next(self, kept: Application) -> None:
        if not kept.unread:
            self._navigator.back()


def _files(each: Paper) -> FigureCell:
    count = len(each.paper.files)
    if count:
        return FigureCell(message("papers.count", count=count))
    return FigureCell(message("papers.brought" if each.paper.is_there else "papers.missing"))


def _verdict(each: Paper) -> FigureCell:
    if each.paper.verdict is PaperVerdict.RIGHT:
        return tagged(Tag(message("papers.right"), Tone.GOOD))
    if each.paper.verdict is PaperVerdict.WRONG:
        return FigureCell(each.paper.reason, tags=(Tag(message("papers.is_wrong"), Tone.BAD),))
    return tagged(Tag(message("common.not_checked"), Tone.CAUTION))


def _side(listed: Listed[Paper]) -> tuple[Panel, ...]:
    current, shown = listed.current, listed.about
    if current is None or not isinstance(shown, ScanPages):
        return ()
    if not current.paper.files:
        return (Facts(current.paper.name, words=message("papers.scan_first")),)
    pictures = tuple(Photo(current.paper.name, page) for page in shown.pages[:_SHOWN])
    has_more = len(shown.pages) > _SHOWN or len(current.paper.files) > _SHOWN
    words: Message = message("papers.more") if has_more else ""
    if shown.unreadable:
        words = message("request.scan_unreadable", names=", ".join(shown.unreadable))
    return (*pictures, Facts(message("papers.count", count=len(current.paper.files)), words=words))


def scan_form(context: AppContext, application_id: str, place: int) -> Form:
    """Return the form that takes the scans of one paper."""
    kept, applications = context.office.application_papers, context.office.applications

    def load() -> tuple[FormField, ...]:
        name = applications.get(application_id).requirements[place].name
        return (FormField("file", name, hint=message("papers.file_hint"), is_paper=True, is_many=True),)

    return Form(
        message("papers.scan_title"),
        load,
        lambda values: kept.scan(application_id, place, read_scans(context, values)),
        message("papers.scan_hint"),
        message("papers.scan_keep"),
    )


def wrong_form(context: AppContext, application_id: str, place: int) -> Form:
    """Return the form that asks what is wrong with a paper."""
    judge = context.office.application_papers.judge

    def load() -> tuple[FormField, ...]:
        reason = context.office.applications.get(application_id).requirements[place].reason
        return (FormField("reason", message("papers.reason"), reason, hint=message("papers.reason_hint")),)

    return Form(
        message("papers.wrong_title"),
        load,
        lambda values: judge(application_id, place, PaperVerdict.WRONG, values["reason"]),
        message("counter.ask_send_back_hint"),
        beside=Beside(lambda: context.office.application_papers.files(application_id, place), partial(drawn, context)),
    )


def read_scans(context: AppContext, values: Values, name: str = "file") -> tuple[Scan, ...]:
    """Read the papers of a field; a photo loses what cameras hide in it. Raise `InputError`."""
    return answer(values, name, lambda _text: tuple(scan_from(context, *each) for each in papers(values, name)))


def scan_from(context: AppContext, name: str, content: bytes) -> Scan:
    """Return a file as a scan. Raise `InputError` for what is neither a PDF nor a picture."""
    scan = scan_of(name, content)
    if scan.media_type == PDF:
        return scan
    return Scan(f"{path_of(name).stem}.jpg", "image/jpeg", context.pictures.photo(content, PAPER_PX))
