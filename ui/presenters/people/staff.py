"""Pegawai: the people whom papers name and plans send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.people.staff import Staff
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.form import Form, FormField
from ui.presenters.lists import Head, Listed, ListScreen, nothing_yet
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.words import Words, phrase

NO_ACCOUNT = "-"
_TYPED = ("name", "nip", "pangkat", "jabatan")


class StaffList:
    """Finds, adds, changes and takes off."""

    def __init__(self, desk: Desk, navigator: Navigator) -> None:
        self._staff, self._navigator = desk.office.staff, navigator
        self._may = desk.user.may(Permission.PLAN) or desk.user.may(Permission.KEEP_PROFILE)
        self._accounts: Mapping[str, User] = {}  # read with the list

    def screen(self) -> ListScreen[Staff]:
        """Return the list."""
        return ListScreen(
            title=phrase("pegawai.title"),
            heads=(
                Head(phrase("pegawai.name"), lambda p: Cell(p.name, p.nip, is_strong=True), order=lambda p: p.name),
                Head(phrase("pegawai.jabatan"), lambda p: Cell(p.jabatan, p.pangkat), order=lambda p: p.jabatan),
                Head(phrase("pegawai.account"), self._account, 260, self._has_account),
            ),
            load=self._load,
            name=lambda person: person.thing_id,
            text=lambda person: person.words,
            reads=frozenset({Staff.KIND, "user"}),
            empty=nothing_yet(phrase("pegawai.empty"), phrase("pegawai.empty_hint")),
            commands=self._commands,
            hint=phrase("pegawai.hint"),
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
        person, not_yours = listed.current, "" if self._may else phrase("pegawai.not_yours")
        refused: Words = not_yours or ("" if person else phrase("pegawai.choose_first"))
        remove = self._remove(person) if person else None
        new, change = self._open(""), self._open(person.thing_id if person else "")
        return (
            Command("remove", phrase("pegawai.remove"), Act.REMOVE, Weight.PLAIN, refused, remove),
            Command("begin_new", phrase("pegawai.add"), Act.NEW, refused=not_yours, runs=new),
            Command("accept", phrase("sarpras.change"), Act.ACCEPT, Weight.PRIMARY, refused, change),
        )

    def _open(self, staff_id: str) -> Callable[[], None]:
        return partial(self._navigator.push, "staff_person", staff_id=staff_id)

    def _remove(self, person: Staff) -> Operation[None]:
        return Operation(
            work=partial(self._staff.remove, person.thing_id),
            told=lambda _: phrase("pegawai.removed", name=person.name),
            undo=lambda _: Operation(
                work=partial(self._staff.save, person), told=lambda kept: phrase("pegawai.saved", name=kept.name)
            ),
        )


def staff_form(desk: Desk, staff_id: str) -> Form:
    """A person of the dinas, new with `staff_id` ""."""
    staff = desk.office.staff

    def load() -> tuple[FormField, ...]:
        person = staff.get(staff_id) if staff_id else Staff("", "")
        typed = (FormField(name, phrase(f"pegawai.{name}"), getattr(person, name)) for name in _TYPED)
        accounts = (Choice(user.user_id, user.name, phrase(f"role.{user.role.value}")) for user in staff.accounts())
        choices = (Choice(NO_ACCOUNT, phrase("pegawai.no_account")), *accounts)
        chosen = person.user_id if any(person.user_id == choice.name for choice in choices) else NO_ACCOUNT
        return (*typed, FormField("user_id", phrase("pegawai.account"), chosen, choices=choices))

    def keep(values: Mapping[str, str]) -> Staff:
        person = staff.get(staff_id) if staff_id else Staff("", "")
        user_id = "" if values["user_id"] == NO_ACCOUNT else values["user_id"]
        return staff.save(replace(person, user_id=user_id, **{name: values[name] for name in _TYPED}))

    return Form(phrase("pegawai.edit" if staff_id else "pegawai.new"), load, keep)
