"""Pegawai: the people whom papers name and plans send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.people.staff import Staff
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.commands import Command, Weight
from ui.presenters.drafted import DraftedPresenter, Drafting
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows, rows_of
from ui.presenters.lines import FieldShown, Line
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (Column(phrase("pegawai.name")), Column(phrase("pegawai.jabatan")), Column(phrase("pegawai.account"), 230))
_FIELDS = ("name", "nip", "pangkat", "jabatan")
_ACCOUNT, _ID = "user_id", "thing_id"
_FIELD_OF = {"staff.no_name": "name", "staff.nip": "nip", "staff.nip_taken": "nip"}
NO_ACCOUNT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffState(ViewState):
    """The list as searched, and the form of the person under the cursor or of a new one."""

    rows: Rows = NO_ROWS
    nothing: Empty = NOTHING
    cursor: int = 0
    title: Words = ""
    fields: tuple[FieldShown, ...] = ()
    accounts: tuple[Line, ...] = ()
    may_write: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    people: tuple[Staff, ...]
    total: int
    accounts: tuple[User, ...]


class StaffPresenter(DraftedPresenter[StaffState]):
    """Finds, changes, adds and takes off."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(
            StaffState(stage=Stage.LOADING, bar=Bar(BACK)), tasks, Drafting(desk, tasks, DraftName("staff"))
        )
        self._desk, self._tasks, self._navigator = desk, tasks, navigator
        self._text, self._told = "", 0
        self._found = _Found((), 0, ())
        self._person, self._problem = Staff("", ""), Problem("")
        self._has_begun = False

    def start(self) -> None:
        """Read the list, and what was left in the form."""
        self.search(self._text)
        if not self._has_begun:
            self._has_begun = True
            self._tasks.run(STORE, self._drafting.read, self._restore, self._failed)

    refresh = start

    def typed(self) -> Mapping[str, str]:
        """Return what was typed about the person in the form, and who that is."""
        kept = self._kept(self._person.thing_id)
        found = {name: getattr(self._person, name) for name in (*_FIELDS, _ACCOUNT)}
        found = {name: text for name, text in found.items() if text != getattr(kept, name)}
        return {**found, _ID: self._person.thing_id} if found else {}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Put a person into the form as the list has them, but for these fields."""
        known = {name: text for name, text in fields.items() if name in (*_FIELDS, _ACCOUNT)}
        self._edit(replace(self._kept(fields.get(_ID, self._person.thing_id)), **known))

    def _kept(self, staff_id: str) -> Staff:
        return next((person for person in self._found.people if person.thing_id == staff_id), Staff("", ""))

    def search(self, text: str) -> None:
        """Show the people who match what was typed so far."""
        self._text = text
        self._tasks.run(STORE, partial(self._find, text), self._read, self._failed)

    def select(self, staff_id: str) -> None:
        """Put a person into the form."""
        person = next((p for p in self._found.people if p.thing_id == staff_id), None)
        if person is not None and person.thing_id != self._person.thing_id:
            self._edit(person)

    def begin_new(self) -> None:
        """Empty the form for somebody new."""
        self._edit(Staff("", ""))

    def type_field(self, name: str, text: str) -> None:
        """Take over what was typed."""
        self._problem = Problem("")
        self._person = replace(self._person, **{name: text})
        self._render()
        self._edited()

    def choose_account(self, user_id: str) -> None:
        """Tie an account of this kit to the person, or none."""
        self._person = replace(self._person, user_id="" if user_id == NO_ACCOUNT else user_id)
        self._render()
        self._edited()

    def accept(self) -> None:
        """Save the person in the form."""
        if not self._may_write:
            return
        person = self._person
        self._act(partial(self._desk.office.staff.save, person), "pegawai.saved", person.name.strip())

    def remove(self) -> None:
        """Take the person in the form off the list."""
        if self._may_write and self._person.thing_id:
            staff_id, name = self._person.thing_id, self._person.name
            self._act(partial(self._desk.office.staff.remove, staff_id), "pegawai.removed", name)

    def back(self) -> None:
        """Leave; what was typed waits."""
        self._navigator.back()

    @property
    def _may_write(self) -> bool:
        return self._desk.user.may(Permission.PLAN) or self._desk.user.may(Permission.KEEP_PROFILE)

    def _find(self, text: str) -> _Found:
        staff = self._desk.office.staff
        return _Found(tuple(staff.search(text)), len(staff.search()), tuple(staff.accounts()))

    def _read(self, found: _Found) -> None:
        self._found = found
        fresh = next((p for p in found.people if p.thing_id == self._person.thing_id), None)
        if not self._person.thing_id and not self._person.name and found.people:
            fresh = found.people[0]
        if not self.typed():  # a search takes nothing away that was typed
            self._person = fresh or self._person
        self._become(replace(self.state, stage=Stage.CONTENT))
        self._render()

    def _edit(self, person: Staff) -> None:
        self._person, self._problem = person, Problem("")
        self._render()

    def _render(self) -> None:
        names = {user.user_id: user.name for user in self._found.accounts}
        people = self._found.people
        rows = tuple(_row(person, names) for person in people)
        places = [at for at, person in enumerate(people) if person.thing_id == self._person.thing_id]
        is_new = not self._person.thing_id
        self._become(
            replace(
                self.state,
                rows=self.state.rows
                if _same(self.state.rows, rows, self._found.total)
                else rows_of(rows, self._found.total),
                nothing=self._nothing(),
                cursor=places[0] if places else 0,
                title=phrase("pegawai.new") if is_new else phrase("pegawai.edit", name=self._person.name),
                fields=tuple(self._field(name) for name in _FIELDS),
                accounts=self._accounts(),
                may_write=self._may_write,
                problem=self._problem if self._problem.code and self._problem.code not in _FIELD_OF else None,
                bar=self._bar(is_new=is_new),
            )
        )

    def _accounts(self) -> tuple[Line, ...]:
        chosen = self._person.user_id or NO_ACCOUNT
        none = Line(NO_ACCOUNT, phrase("pegawai.no_account"), "", chosen == NO_ACCOUNT)
        users = self._found.accounts
        return (none, *(Line(u.user_id, u.name, phrase(f"role.{u.role.value}"), u.user_id == chosen) for u in users))

    def _field(self, name: str) -> FieldShown:
        problem: Words = self._problem if _FIELD_OF.get(self._problem.code) == name else ""
        return FieldShown(name, phrase(f"pegawai.{name}"), getattr(self._person, name), problem)

    def _nothing(self) -> Empty:
        if self._found.total:
            return Empty(phrase("pegawai.not_found", text=self._text), phrase("pegawai.not_found_hint"))
        return Empty(phrase("pegawai.empty"), phrase("pegawai.empty_hint"))

    def _bar(self, *, is_new: bool) -> Bar:
        if not self._may_write:
            return Bar(BACK, (), phrase("pegawai.not_yours"))
        remove = Command(
            "remove",
            phrase("pegawai.remove"),
            Act.REMOVE,
            Weight.PLAIN,
            phrase("pegawai.choose_first") if is_new else "",
        )
        add = Command("begin_new", phrase("pegawai.add"), Act.NEW)
        return Bar(BACK, (remove, add, Command("accept", phrase("pegawai.save"), Act.ACCEPT, Weight.PRIMARY)))

    def _act(self, act: Callable[[], Staff | None], told: str, name: str) -> None:
        def done(saved: Staff | None) -> None:
            self._person, self._problem = saved or Staff("", ""), Problem("")
            self._told += 1
            self._become(replace(self.state, toast=Toast(phrase(told, name=name), Tone.GOOD, serial=self._told)))
            self.start()

        self._accept_typed(act, done, self._refused)

    def _refused(self, problem: Problem) -> None:
        self._problem = problem
        self._render()

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _row(person: Staff, accounts: dict[str, str]) -> Row:
    tags = (Tag(accounts[person.user_id], Tone.SOFT, "person"),) if person.user_id in accounts else ()
    return Row(
        person.thing_id,
        (Cell(person.name, person.nip, is_strong=True), Cell(person.jabatan, person.pangkat), Cell(tags=tags)),
    )


def _same(shown: Rows, rows: tuple[Row, ...], total: int) -> bool:
    """Return whether the table shows these rows already; laid anew it would lose the place of the scroll bar."""
    return (shown.count, shown.total) == (len(rows), total) and all(shown.row(at) == row for at, row in enumerate(rows))
