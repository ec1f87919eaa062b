"""Pulihkan kit: nobody can sign in, or no kit is here; a backup, the recovery key or a new slip brings it back.

Nothing of it is kept as a draft: half of the fields are secrets, and the store is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people import User
from fieldkit.ports.exchange import Drive, FoundBackup, NewSecrets, SlipTyped, Way, WaysBack
from ui.presenters.amounts import moment_text
from ui.presenters.delivery.stick_work import DRIVE, PLACE, place_of, stick_fields, with_text
from ui.presenters.form import FormField, FormState, Wrong
from ui.presenters.parts import Bar, Choice, Progress, Stage, leave, unread
from ui.presenters.presenter import Action, Command, Message, Presenter, Weight, message
from ui.presenters.tasks import STICK, STORE, Tasks

WAY, BACKUP, WHO, NAME, PASSPHRASE = "way", "backup", "who", "name", "passphrase"
OPENED_BY, SHEET = "by", "sheet"  # a backup is opened by a passphrase or by the code on a sheet
IDENTITY, NEW, AGAIN_TYPED, PIN = "identity", "new", "again", "pin"
SLIP, URL, CODE, FINGERPRINT = "slip", "url", "code", "fingerprint"


def name_of(way: Way, part: str) -> str:
    """Return the name of a field: each way has its own, so that Tab walks them in their order."""
    return f"{way.value}_{part}"


_PLACES: Mapping[str, str] = {
    "account.differs": AGAIN_TYPED,
    "kit.name_needed": NAME,
    "cli.user_id_form": WHO,
    "vault.wrong_passphrase": PASSPHRASE,
    "vault.locked_out": PASSPHRASE,
    "cli.slip_form": SLIP,
    "pulih.slip_missing": SLIP,
    "sync.enrol_code_wrong": CODE,
    "vault.wrong_sheet": CODE,
    "vault.no_sheet": CODE,
    "vault.age_identity": IDENTITY,
    "vault.age_no_identity": IDENTITY,
    "stick.none": PLACE,
    "backup.none_here": PLACE,
}


@dataclass(frozen=True, slots=True)
class _Found:
    ways: tuple[Way, ...]
    admins: tuple[User, ...]
    drives: tuple[Drive, ...]


class WaysBackPresenter(Presenter[FormState]):
    """Enter goes the way that is chosen; `ended` hears what it came to, `left` that nothing was done."""

    def __init__(
        self, ways: WaysBack, tasks: Tasks, ended: Callable[[Message], None], left: Callable[[], None]
    ) -> None:
        super().__init__(FormState(stage=Stage.LOADING, title=message("common.restore_kit"), bar=Bar(leave(self.back))))
        self._ways, self._tasks, self._ended, self._leave = ways, tasks, ended, left
        self._found = _Found((), (), ())
        self._backups: tuple[FoundBackup, ...] = ()
        self._searched = ""  # the place whose backups are listed

    def start(self) -> None:
        """Look what can be done here."""
        self.refresh()

    def refresh(self) -> None:
        """Look for sticks again: one was plugged in or pulled out."""
        ways = self._ways
        self._tasks.run(
            STICK,
            lambda: _Found(tuple(ways.offered()), tuple(ways.admins()), tuple(ways.drives())),
            self._looked,
            self._unread,
        )

    def type(self, name: str, text: str) -> None:
        """Take a keystroke, or a choice."""
        if self.state.stage is not Stage.CONTENT:
            return
        self._render(with_text(self.state.fields, name, text), self._found)
        if name == DRIVE:
            self._search()

    def accept(self) -> None:
        """Go the way that is chosen, or first look for backups in the folder that was typed."""
        if self.state.stage is not Stage.CONTENT:
            return
        {
            Way.RESTORE: self._restore if self._is_searched(self._place()) else self._search,
            Way.SHEET: self._recover_by_sheet,
            Way.RECOVER: self._recover,
            Way.READMIT: self._readmit,
        }[self._way()]()

    def back(self) -> None:
        """Leave without doing anything; a way under way cannot be left."""
        if self.state.stage is not Stage.BUSY:
            self._leave()

    # --- the ways

    def _restore(self) -> None:
        folder, by = self._backup().folder, self._text(OPENED_BY)
        who, passphrase, code = map(self._text, (WHO, PASSPHRASE, CODE))

        def restored() -> Message:
            if by == SHEET:
                return _told("pulih.restored_by_sheet", self._ways.restore_by_sheet(folder, code))
            return _told("pulih.restored", self._ways.restore(folder, who, passphrase))

        self._go(message("pulih.restoring"), restored)

    def _recover_by_sheet(self) -> None:
        code, new, again, pin = map(self._text, (CODE, NEW, AGAIN_TYPED, PIN))

        self._go(
            message("pulih.opening_sheet"),
            lambda: _recovered(new, again, lambda: self._ways.recover_by_sheet(code, new, pin.strip())),
        )

    def _recover(self) -> None:
        who, name, new, again, pin, identity = map(self._text, (WHO, NAME, NEW, AGAIN_TYPED, PIN, IDENTITY))
        secrets, slip = NewSecrets(who.strip(), name.strip(), new, pin.strip(), identity), self._slip()
        self._go(message("pulih.recovering"), lambda: _recovered(new, again, lambda: self._ways.recover(secrets, slip)))

    def _readmit(self) -> None:
        slip, who, passphrase = self._slip(), self._text(WHO), self._text(PASSPHRASE)
        self._go(
            message("pulih.recovering"),
            lambda: message("pulih.readmitted", kit=self._ways.readmit(slip, who, passphrase)),
        )

    def _go(self, told: Message, work: Callable[[], Message]) -> None:
        self._become(replace(self.state, stage=Stage.BUSY, progress=Progress(told), problem=None, wrong=None))
        # On the executor of the store: locking and opening it never come between.
        self._tasks.run(STORE, work, self._ended, self._failed)

    # --- what is on the sticks

    def _search(self) -> None:
        place = self._place()
        if not place:
            self._failed(Problem("stick.none"))
            return
        self._become(replace(self.state, stage=Stage.BUSY, progress=Progress(message("pulih.searching")), problem=None))

        def listed(backups: Sequence[FoundBackup]) -> None:
            self._backups, self._searched = tuple(backups), place
            self._render(self.state.fields, self._found)

        def none(problem: Problem) -> None:
            self._backups, self._searched = (), ""
            self._render(self.state.fields, self._found)
            self._failed(problem)

        self._tasks.run(STICK, lambda: self._ways.backups(place), listed, none)

    def _looked(self, found: _Found) -> None:
        is_first = not self._found.ways
        self._render(self.state.fields, found)
        if (is_first or self._place() != self._searched) and self._way() is Way.RESTORE and found.drives:
            self._search()

    # --- the fields

    def _render(self, shown: Sequence[FormField], found: _Found) -> None:
        texts = {field.name: field.text for field in shown}
        fields = self._fields(shown, texts, found)
        self._found = found
        way = _way_of(texts, found)
        seeks = way is Way.RESTORE and not self._is_searched(place_of(fields, found.drives))
        words = message("pulih.search") if seeks else message(f"pulih.do_{way.value}")
        look = (Command("refresh", message("cadangan.look"), Action.REFRESH, runs=self.refresh),)
        accept = Command("accept", words, Action.ACCEPT, Weight.PRIMARY, runs=self.accept)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                hint=message(f"pulih.hint_{way.value}"),
                fields=fields,
                bar=Bar(leave(self.back), (*(look if way is Way.RESTORE else ()), accept)),
                progress=None,
                problem=None,
                wrong=None,
            )
        )

    def _fields(self, shown: Sequence[FormField], texts: Mapping[str, str], found: _Found) -> tuple[FormField, ...]:
        way = _way_of(texts, found)
        choices = Choice.each(found.ways, "pulih.")
        first = (FormField(WAY, message("pulih.way"), way.value, choices=choices),) if len(choices) > 1 else ()
        if way is Way.RESTORE:
            return (*first, *self._restore_fields(shown, texts, found))
        if way is Way.SHEET:
            secrets = (_secret(way, part, texts) for part in (NEW, AGAIN_TYPED, PIN))
            return (*first, _typed(way, CODE, texts, "pulih.sheet_code"), *secrets)
        if way is Way.READMIT:
            admin, secret = _people(way, found.admins, texts), _secret(way, PASSPHRASE, texts)
            return (*first, admin, secret, *_slip_fields(way, texts))
        if found.admins:
            who: tuple[FormField, ...] = (_people(way, found.admins, texts),)
        else:  # the slots are lost, and with them who was admin
            who = (_typed(way, WHO, texts, "pulih.user_id"), _typed(way, NAME, texts, "pulih.name"))
        identity = replace(_typed(way, IDENTITY, texts, "pulih.identity"), is_file=True)
        new = (_secret(way, NEW, texts), _secret(way, AGAIN_TYPED, texts), _secret(way, PIN, texts))
        return (*first, identity, *who, *new, *_slip_fields(way, texts))

    def _restore_fields(
        self, shown: Sequence[FormField], texts: Mapping[str, str], found: _Found
    ) -> tuple[FormField, ...]:
        sticks = stick_fields(found.drives, shown, self._found.drives, message("pulih.place_hint"))
        if not self._is_searched(place_of(sticks, found.drives)):
            return sticks
        choices = tuple(Choice(str(at), _told("pulih.backup", each)) for at, each in enumerate(self._backups))
        way, name = Way.RESTORE, name_of(Way.RESTORE, BACKUP)
        chosen = texts.get(name, "0")
        at = int(chosen) if chosen.isdigit() and int(chosen) < len(choices) else 0
        backup = FormField(name, message("pulih.which"), str(at), choices=choices)
        shown_backup = self._backups[at]
        by, secret = _opened_by(texts), (_people(way, shown_backup.people, texts), _secret(way, PASSPHRASE, texts))
        if not shown_backup.has_sheet:
            return (*sticks, backup, *secret)
        code = replace(_typed(way, CODE, texts, "pulih.sheet_code"), hint=message("pulih.sheet_opens"))
        return (*sticks, backup, by, *((code,) if by.text == SHEET else secret))

    def _way(self) -> Way:
        return _way_of({field.name: field.text for field in self.state.fields}, self._found)

    def _text(self, part: str) -> str:
        name = name_of(self._way(), part)
        return next((field.text for field in self.state.fields if field.name == name), "")

    def _is_searched(self, place: str) -> bool:
        """Return whether the backups that are listed are those of a place."""
        return bool(self._backups) and place == self._searched

    def _place(self) -> str:
        return place_of(self.state.fields, self._found.drives)

    def _backup(self) -> FoundBackup:
        return self._backups[int(self._text(BACKUP))]

    def _slip(self) -> SlipTyped:
        return SlipTyped(self._text(SLIP), self._text(URL), self._text(CODE), self._text(FINGERPRINT))

    def _failed(self, problem: Problem) -> None:
        part = _PLACES.get(problem.code, problem.field_name)
        name = part if part == PLACE else name_of(self._way(), part)
        fields = tuple(replace(field, problem=problem if field.name == name else "") for field in self.state.fields)
        is_there = any(field.name == name for field in fields)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                progress=None,
                fields=fields,
                problem=None if is_there else problem,
                wrong=Wrong(name) if is_there else None,
            )
        )

    def _unread(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))


def _told(key: str, backup: FoundBackup) -> Message:
    return message(key, kit=backup.kit, at=moment_text(backup.made_at), records=backup.records)


def _recovered(new: str, again: str, recover: Callable[[], User]) -> Message:
    if new != again:
        raise InputError("account.differs")
    return message("pulih.recovered", name=recover().name)


def _way_of(texts: Mapping[str, str], found: _Found) -> Way:
    chosen = texts.get(WAY, "")
    return next((way for way in found.ways if way.value == chosen), found.ways[0] if found.ways else Way.RESTORE)


def _opened_by(texts: Mapping[str, str]) -> FormField:
    name = name_of(Way.RESTORE, OPENED_BY)
    text = SHEET if texts.get(name) == SHEET else PASSPHRASE
    return FormField(name, message("pulih.by"), text, choices=Choice.each((PASSPHRASE, SHEET), "pulih.by_"))


def _people(way: Way, people: Sequence[User], texts: Mapping[str, str]) -> FormField:
    names, name = [person.user_id for person in people], name_of(way, WHO)
    chosen = texts.get(name, "")
    choices = tuple(Choice(person.user_id, person.name, message(f"role.{person.role.value}")) for person in people)
    text = chosen if chosen in names else next(iter(names), "")
    return FormField(name, message("pulih.whose" if way is Way.RESTORE else "pulih.admin"), text, choices=choices)


def _slip_fields(way: Way, texts: Mapping[str, str]) -> tuple[FormField, ...]:
    """Return the slip as a file; without one its three lines are typed."""
    file = replace(_typed(way, SLIP, texts, "pulih.slip"), is_file=True, hint=message("pulih.slip_hint"))
    lines = tuple(_typed(way, name, texts, f"pulih.{name}") for name in (URL, CODE, FINGERPRINT))
    return (file,) if file.text.strip() else (file, *lines)


def _typed(way: Way, part: str, texts: Mapping[str, str], label: str) -> FormField:
    name = name_of(way, part)
    return FormField(name, message(label), texts.get(name, ""))


def _secret(way: Way, part: str, texts: Mapping[str, str]) -> FormField:
    return replace(_typed(way, part, texts, f"pulih.secret_{part}"), is_secret=True)
