"""Pegawai: the people whom papers name and plans send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256

from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.people.staff import Kedudukan, Staff
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.form import SEPARATOR, Form, FormField, Pick
from ui.presenters.lists import Head, Listed, ListScreen, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Choice, Tag, Tone

NO_ACCOUNT = "-"
_TYPED = ("name", "nip", "pangkat", "jabatan")


class StaffList:
    """Finds, adds, changes and takes off."""

    def __init__(self, context: AppContext, navigator: Navigator) -> None:
        self._staff, self._navigator = context.office.staff, navigator
        self._may = context.user.may(Permission.PLAN) or context.user.may(Permission.KEEP_PROFILE)
        self._accounts: Mapping[str, User] = {}  # read with the list

    def screen(self) -> ListScreen[Staff]:
        """Return the list."""
        return ListScreen(
            title=message("pegawai.title"),
            heads=(
                Head(message("pegawai.name"), lambda p: Cell(p.name, p.nip, is_strong=True), order=lambda p: p.name),
                Head(message("pegawai.jabatan"), lambda p: Cell(p.jabatan, p.pangkat), order=lambda p: p.jabatan),
                Head(message("pegawai.account"), self._account, 260, self._has_account),
            ),
            load=self._load,
            name=lambda person: person.thing_id,
            text=lambda person: person.words,
            reads=frozenset({Staff.KIND, "user"}),
            empty=nothing_yet(message("pegawai.empty"), message("pegawai.empty_hint")),
            commands=self._commands,
            hint=message("pegawai.hint"),
        )

    def _load(self) -> Sequence[Staff]:
        self._accounts = {user.user_id: user for user in self._staff.accounts()}
        return self._staff.search()

    def _account(self, person: Staff) -> Cell:
        user = self._accounts.get(person.user_id)
        return Cell(tags=(Tag(user.name, Tone.SOFT, "person"),) if user else ())

    def _has_account(self, person: Staff) -> bool:
        return person.user_id not in self._accounts

    def _commands(self, listed: Listed[Staff]) -> tuple[Command, ...]:
        person, opens = listed.current, partial(opening, self._navigator)
        not_yours: Message = "" if self._may else message("pegawai.not_yours")
        refused = not_yours or ("" if person else message("pegawai.choose_first"))
        remove, at = self._remove(person) if person else None, person.thing_id if person else ""
        return (
            Command("remove", message("pegawai.remove"), Action.REMOVE, Weight.DANGER, refused, remove),
            opens("begin_new", message("pegawai.add"), Action.NEW, not_yours, "staff_person", staff_id=""),
            opens("accept", message("sarpras.change"), Action.ACCEPT, refused, "staff_person", staff_id=at),
        )

    def _remove(self, person: Staff) -> Operation[None]:
        return Operation(
            work=partial(self._staff.remove, person.thing_id),
            told=lambda _: message("pegawai.removed", name=person.name),
            undo=lambda _: Operation(
                work=partial(self._staff.save, person), told=lambda kept: message("pegawai.saved", name=kept.name)
            ),
        )


def staff_form(context: AppContext, staff_id: str) -> Form:
    """A person of the dinas, new with `staff_id` ""."""
    office, staff = context.office, context.office.staff

    def load() -> tuple[FormField, ...]:
        person = staff.get(staff_id) if staff_id else Staff("", "")
        typed = (FormField(name, message(f"pegawai.{name}"), getattr(person, name)) for name in _TYPED)
        accounts = (Choice(user.user_id, user.name, message(f"role.{user.role.value}")) for user in staff.accounts())
        choices = (Choice(NO_ACCOUNT, message("pegawai.no_account")), *accounts)
        chosen = person.user_id if any(person.user_id == choice.name for choice in choices) else NO_ACCOUNT
        asked = {_name_of(words): words for words in (*office.sop_documents.qualifications(), *person.qualifications)}
        has = SEPARATOR.join(_name_of(words) for words in person.qualifications)
        kinds = tuple(Choice(each.value, message(f"pegawai.kedudukan_{each.value}")) for each in Kedudukan)
        kedudukan = (person.kedudukan or Kedudukan.LAIN).value
        return (
            *typed,
            FormField("kedudukan", message("pegawai.kedudukan"), kedudukan, choices=kinds),
            FormField("user_id", message("pegawai.account"), chosen, choices=choices, pick=Pick.TYPED),
            FormField(
                "qualifications",
                message("pegawai.qualifications"),
                has,
                message("pegawai.qualifications_hint"),
                tuple(Choice(name, words) for name, words in asked.items()),
                is_many=True,
            ),
        )

    def keep(values: Mapping[str, str]) -> Staff:
        person = staff.get(staff_id) if staff_id else Staff("", "")
        user_id = "" if values["user_id"] == NO_ACCOUNT else values["user_id"]
        kedudukan = Kedudukan(values["kedudukan"])
        asked = {_name_of(words): words for words in (*office.sop_documents.qualifications(), *person.qualifications)}
        has = tuple(asked[name] for name in values["qualifications"].split(SEPARATOR) if name in asked)
        name, nip, pangkat, jabatan = (values[each] for each in _TYPED)
        changed = replace(person, name=name, nip=nip, pangkat=pangkat, jabatan=jabatan, qualifications=has)
        return staff.save(replace(changed, user_id=user_id, kedudukan=kedudukan))

    return Form(message("pegawai.edit" if staff_id else "pegawai.new"), load, keep)


def _name_of(qualification: str) -> str:
    """Return a name without blanks for a line of the form."""
    return sha256(qualification.encode()).hexdigest()[:12]
