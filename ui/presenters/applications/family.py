"""Data KK: the family as the form F-1.02 has it, member by member, and what is odd about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from fieldkit.domain.ages import MaritalStatus
from fieldkit.domain.applications import Application, ApplicationState
from fieldkit.domain.families import Family, FamilyMember, FamilyRelation, Parent
from fieldkit.domain.nik import Nik, NoKk, Sex
from fieldkit.domain.recording.biodata import Address
from fieldkit.domain.typed import chosen, optional, read_birth_day
from fieldkit.services.applications.views import ApplicationView
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.figures import Cell, tagged
from ui.presenters.form import Form, FormField, Pick
from ui.presenters.lists import Facts, Head, Hint, Listed, ListScreen, Panel
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Choice, Empty, Tag, Tone
from ui.presenters.readers import Values, answer

_TABLES = {"religion": "agama", "education": "pendidikan", "occupation": "pekerjaan", "blood_type": "golongan_darah"}
_CERTIFICATES = ("birth_certificate", "marriage_certificate", "divorce_certificate", "disability")
_HOME = ("street", "rt", "rw", "village", "district", "region")


@dataclass(frozen=True, slots=True)
class Row:
    """A member, its place in the family, and what is odd about it."""

    place: int
    member: FamilyMember
    doubts: tuple[str, ...]


class FamilyEntry:
    """Enter submits when the family is complete; until then it adds the next member."""

    def __init__(self, context: AppContext, navigator: Navigator, application_id: str) -> None:
        self._context, self._navigator, self._id = context, navigator, application_id
        self._view: ApplicationView | None = None  # read with the list
        self._family: Family | None = None

    def screen(self) -> ListScreen[Row]:
        """Return the list of the members, in the order of the form."""
        words = self._context.tables.wording
        return ListScreen(
            title=message("family.title"),
            heads=(
                Head(message("family.member"), _who),
                Head(
                    message("family.relation"),
                    lambda row: Cell(words("hubungan_keluarga", row.member.relation)),
                    220,
                ),
                Head(message("family.born"), lambda row: Cell(day_text(row.member.birth_date)), 140),
                Head(message("family.look"), _doubt, 200),
            ),
            load=self._load,
            name=lambda row: str(row.place),
            text=lambda row: row.member.name,
            reads=frozenset({Application.KIND}),
            empty=lambda _listed: Empty(message("family.none"), message("family.none_hint"), self._add(Action.ACCEPT)),
            side=self._side,
            commands=self._commands,
            hint=message("family.search"),
            where=lambda _listed: self._view.application.applicant.name if self._view else "",
        )

    def _load(self) -> Sequence[Row]:
        self._view = self._context.office.applications.view(self._id)
        family = self._family = self._context.office.families.family(self._id)
        odd = self._context.office.families.doubts(family)
        return [
            Row(place, member, tuple(finding.code for name, finding in odd if name == member.name))
            for place, member in enumerate(family.members)
        ]

    def _commands(self, listed: Listed[Row]) -> tuple[Command, ...]:
        row, closed, opens = listed.current, self._closed(), partial(opening, self._navigator)
        none: Message = closed or ("" if row else message("family.choose"))
        at, place = {"application_id": self._id}, str(row.place) if row else "0"
        home = opens("open_home", message("family.home"), Action.CALENDAR, closed, "family_home", **at)
        change = opens("change", message("family.change"), Action.REPAIR, none, "family_member", place=place, **at)
        if row is None or self._family is None:
            return (home, self._add(Action.ACCEPT))
        families, family = self._context.office.families, self._family
        away = Operation(
            work=lambda: families.keep(self._id, family.without(row.place)),
            undo=lambda _kept: Operation(work=lambda: families.keep(self._id, family)),
            told=lambda _kept: message("family.removed", name=row.member.name),
        )
        remove = Command("remove", message("family.remove"), Action.REMOVE, Weight.DANGER, none, away)
        send = Operation(
            work=lambda: self._context.office.applications.enter(self._id), done=lambda _kept: self._navigator.back()
        )
        return (home, remove, change, self._add(Action.NEW), enter(message("family.submit"), send, closed))

    def _add(self, act: Action) -> Command:
        name, place = (
            "accept" if act is Action.ACCEPT else "begin_new",
            str(len(self._family.members if self._family else ())),
        )
        at = {"application_id": self._id, "place": place}
        return opening(self._navigator, name, message("family.add"), act, self._closed(), "family_member", **at)

    def _closed(self) -> Message:
        view = self._view
        if view is None or view.application.next_state is not ApplicationState.DIINPUT:
            return message("family.not_now")
        leg = view.next
        is_theirs = leg is not None and self._context.user.role in leg.roles
        return "" if is_theirs else message("counter.others", who=leg.who if leg else "")

    def _side(self, listed: Listed[Row]) -> tuple[Panel, ...]:
        family = self._family
        if family is None:
            return ()
        home = family.address
        facts = (
            (message("biodata.field.no_kk"), family.no_kk.masked if family.no_kk else message("family.new_number")),
            (message("biodata.field.street"), f"{home.street} RT {home.rt or '-'} RW {home.rw or '-'}"),
            (message("biodata.field.village"), home.village),
            (message("biodata.field.district"), home.district or message("family.empty")),
        )
        told = Facts(message("family.home"), facts)
        row = listed.current
        if row is None or not row.doubts:
            return (told,)
        odd = tuple(map(message, row.doubts))
        return (told, Hint(message("family.look_at", name=row.member.name), odd, Tone.CAUTION))


def home_form(context: AppContext, application_id: str) -> Form:
    """Return the form of number and address of a family."""
    families = context.office.families

    def load() -> tuple[FormField, ...]:
        family = families.family(application_id)
        number = family.no_kk.digits if family.no_kk else ""
        return (
            FormField("no_kk", message("biodata.field.no_kk"), number, hint=message("family.no_kk_hint")),
            *(_plain(name, getattr(family.address, name)) for name in _HOME),
            FormField("postcode", message("family.postcode"), family.postcode),
            FormField("phone", message("counter.field_phone"), family.phone),
        )

    def keep(values: Values) -> object:
        home = Address(**{name: " ".join(values[name].split()).upper() for name in _HOME})
        number = answer(values, "no_kk", optional(NoKk.parse))
        postcode, phone = values["postcode"].strip(), values["phone"].strip()
        family = families.family(application_id)
        kept = replace(family, no_kk=number, address=home, postcode=postcode, phone=phone)
        return families.keep(application_id, kept)

    return Form(message("family.home"), load, keep, message("family.home_hint"))


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

    return Form(message("family.member_title", no=place + 1), load, keep, message("family.member_hint"))


def _fields(context: AppContext, texts: Values) -> tuple[FormField, ...]:
    def coded(name: str, table: str) -> FormField:
        codes = context.tables.tables[table].items()
        choices = tuple(Choice(str(code), words, str(code)) for code, words in codes)
        label = message("biodata.field.family_relation" if name == "relation" else f"biodata.field.{name}")
        return FormField(name, label, texts.get(name, ""), choices=choices, pick=Pick.TYPED)

    def plain(name: str) -> FormField:
        return _plain(name, texts.get(name, ""))

    sexes = tuple(Choice(sex.value, message(f"biodata.sex_{sex.value.lower()}")) for sex in Sex)
    statuses = tuple(Choice(str(each.value), message(f"counter.married_{each.name.lower()}")) for each in MaritalStatus)
    married = texts.get("marital_status", "")
    return (
        plain("name"),
        plain("nik"),
        FormField("sex", message("biodata.field.sex"), texts.get("sex", ""), choices=sexes),
        plain("birth_place"),
        replace(plain("birth_date"), hint=message("counter.birth_date_hint")),
        coded("relation", "hubungan_keluarga"),
        FormField("marital_status", message("biodata.field.marital_status"), married, choices=statuses),
        *(coded(name, table) for name, table in _TABLES.items()),
        *(
            FormField(name, message(f"family.field_{name}"), texts.get(name, ""))
            for name in ("father", "father_nik", "mother", "mother_nik", *_CERTIFICATES)
        ),
    )


def _member(values: Values) -> FamilyMember:
    def code(name: str) -> int:
        return answer(values, name, chosen(int))

    def words(name: str) -> str:
        return " ".join(values[name].split())

    def line(name: str) -> str:
        return words(name).upper()

    return FamilyMember(
        name=line("name"),
        nik=answer(values, "nik", optional(Nik.parse)),
        sex=answer(values, "sex", chosen(Sex)),
        birth_place=line("birth_place"),
        birth_date=answer(values, "birth_date", read_birth_day),
        relation=FamilyRelation(code("relation")),
        religion=code("religion"),
        education=code("education"),
        occupation=code("occupation"),
        blood_type=code("blood_type"),
        marital_status=MaritalStatus(code("marital_status")),
        father=Parent(line("father"), answer(values, "father_nik", optional(Nik.parse))),
        mother=Parent(line("mother"), answer(values, "mother_nik", optional(Nik.parse))),
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


def _plain(name: str, text: str) -> FormField:
    return FormField(name, message(f"biodata.field.{name}"), text)


def _who(row: Row) -> Cell:
    nik = row.member.nik
    return Cell(row.member.name, nik.masked if nik else message("family.no_number"), is_strong=True)


def _doubt(row: Row) -> Cell:
    if row.doubts:
        return tagged(Tag(message("impor.is_doubtful"), Tone.CAUTION))
    return tagged(Tag(message("impor.is_good"), Tone.GOOD))
