"""Pegawai: the people whom papers name and plans send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.people.staff import Staff
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.lists import Head, Listed, ListScreen, nothing_yet
from ui.presenters.messages import message
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone


class StaffList(OfficeList):
    """Finds, adds, changes and takes off."""

    _accounts: Mapping[str, User] = {}  # read with the list

    def screen(self) -> ListScreen[Staff]:
        """Return the list."""
        return ListScreen(
            title=message("pegawai.title"),
            heads=(
                Head.named(message("pegawai.name"), lambda p: p.name, lambda p: p.nip),
                Head(message("pegawai.jabatan"), lambda p: Cell(p.jabatan, p.pangkat), order=lambda p: p.jabatan),
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
        refused = not_yours or ("" if person else message("pegawai.choose_first"))
        remove, at = self._remove(person) if person else None, person.thing_id if person else ""
        return (
            Command("remove", message("pegawai.remove"), Action.REMOVE, Weight.DANGER, refused, remove),
            opens("import_staff", message("pegawai.import"), Action.GROUP, not_yours, "staff_import"),
            opens("begin_new", message("pegawai.add"), Action.NEW, not_yours, "staff_person", staff_id=""),
            opens("accept", message("sarpras.change"), Action.ACCEPT, refused, "staff_person", staff_id=at),
        )

    def _remove(self, person: Staff) -> Operation[None]:
        staff, back = self._office.staff, message("pegawai.saved", name=person.name)
        return Operation(
            work=lambda: staff.remove(person.thing_id),
            told=lambda _: message("pegawai.removed", name=person.name),
            undo=lambda _: Operation(work=lambda: staff.save(person), told=lambda _kept: back),
        )
