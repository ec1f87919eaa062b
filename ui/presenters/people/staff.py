"""Pegawai: the people whom papers name and plans send; each on a form, or all of them at once from a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.people.staff import Kedudukan, Staff
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.form import SEPARATOR, Form, FormField, Pick
from ui.presenters.lists import Head, Listed, ListScreen, nothing_yet
from ui.presenters.messages import message
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.readers import Values, read_file

NO_ACCOUNT = "-"
_TYPED = ("name", "nip", "pangkat", "jabatan")


class StaffList(OfficeList):
    """Finds, adds, changes and takes off."""

    _accounts: Mapping[str, User] = {}  # read with the list

    def screen(self) -> ListScreen[Staff]:
        """Return the list."""
        return ListScreen(
            title=message("common.staff"),
            heads=(
                Head.named(message("common.name"), lambda p: p.name, lambda p: p.nip),
                Head(message("common.position"), lambda p: Cell(p.jabatan, p.pangkat), order=lambda p: p.jabatan),
                Head.tagged(message("pegawai.account"), self._account, 260, lambda p: p.user_id not in self._accounts),
            ),
            load=self._load,
            name=lambda person: person.thing_id,
            text=lambda person: person.words,
            reads=frozenset({Staff.KIND, "user"}),
            empty=nothing_yet("pegawai.empty"),
            commands=self._commands,
            hint=message("pegawai.hint"),
        )

    def _load(self) -> Sequence[Staff]:
        self._accounts = {user.user_id: user for user in self._office.staff.accounts()}
        return self._office.staff.search()

    def _account(self, person: Staff) -> Tag | None:
        user = self._accounts.get(person.user_id)
        return Tag(user.name, Tone.SOFT, "person") if user else None

    def _commands(self, listed: Listed[Staff]) -> tuple[Command, ...]:
        person, opens = listed.current, self._opens
        planner = self._refusal(Permission.PLAN, "pegawai.not_yours")
        not_yours = planner and self._refusal(Permission.KEEP_PROFILE, "pegawai.not_yours")
        refused = not_yours or ("" if person else message("common.choose_person"))
        remove, at = self._remove(person) if person else None, person.thing_id if person else ""
        return (
            Command("remove", message("pegawai.remove"), Action.REMOVE, Weight.DANGER, refused, remove),
            opens("import_staff", message("pegawai.import"), Action.GROUP, not_yours, "staff_import"),
            opens("begin_new", message("common.add"), Action.NEW, not_yours, "staff_person", staff_id=""),
            opens("accept", message("common.change"), Action.ACCEPT, refused, "staff_person", staff_id=at),
        )

    def _remove(self, person: Staff) -> Operation[None]:
        staff, back = self._office.staff, message("pegawai.saved", name=person.name)
        return Operation(
            work=lambda: staff.remove(person.thing_id),
            told=lambda _: message("pegawai.removed", name=person.name),
            undo=lambda _: Operation(work=lambda: staff.save(person), told=lambda _kept: back),
        )


def staff_form(context: AppContext, staff_id: str) -> Form:
    """A person of the dinas, new with `staff_id` ""."""
    office, staff = context.office, context.office.staff

    def offered(person: Staff) -> Mapping[str, str]:
        """Return every qualification that an SOP asks for or the person has, by its name in the form."""
        return {_name_of(words): words for words in (*office.sop_documents.qualifications(), *person.qualifications)}

    def load() -> tuple[FormField, ...]:
        person = staff.get(staff_id) if staff_id else Staff("", "")
        typed = (FormField(name, message(f"pegawai.{name}"), getattr(person, name)) for name in _TYPED)
        accounts = (Choice(user.user_id, user.name, message(f"role.{user.role.value}")) for user in staff.accounts())
        choices = (Choice(NO_ACCOUNT, message("pegawai.no_account")), *accounts)
        chosen = person.user_id if any(person.user_id == choice.name for choice in choices) else NO_ACCOUNT
        asked = offered(person)
        has = SEPARATOR.join(_name_of(words) for words in person.qualifications)
        kinds = Choice.each(Kedudukan, "pegawai.kedudukan_")
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

    def keep(values: Values) -> Staff:
        person = staff.get(staff_id) if staff_id else Staff("", "")
        user_id = "" if values["user_id"] == NO_ACCOUNT else values["user_id"]
        kedudukan = Kedudukan(values["kedudukan"])
        asked = offered(person)
        has = tuple(asked[name] for name in values["qualifications"].split(SEPARATOR) if name in asked)
        name, nip, pangkat, jabatan = (values[each] for each in _TYPED)
        changed = replace(person, name=name, nip=nip, pangkat=pangkat, jabatan=jabatan, qualifications=has)
        return staff.save(replace(changed, user_id=user_id, kedudukan=kedudukan))

    return Form(message("pegawai.edit" if staff_id else "pegawai.new"), load, keep)


def _name_of(qualification: str) -> str:
    """Return a name without blanks for a line of the form."""
    return sha256(qualification.encode()).hexdigest()[:12]


def staff_import_form(context: AppContext) -> Form:
    """One file, XLSX or CSV; all of its people or nobody."""

    def load() -> tuple[FormField, ...]:
        return (replace(FormField("file", message("pegawai.file"), hint=message("pegawai.file_hint")), is_file=True),)

    def keep(values: Values) -> int:
        return context.office.staff_imports.take(*read_file(values["file"]))

    title, hint = message("pegawai.import_title"), message("pegawai.import_hint")
    return Form(title, load, keep, hint, message("pegawai.import_do"))
