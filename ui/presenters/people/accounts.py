"""Pengguna: who may sign in on this kit, and what an admin does about them. No end and no new start is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Kedudukan, Permission, Role, Staff, User
from fieldkit.ports.repositories import Account
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.set_up import SetUpLine, SetUpState, SetUpStep
from ui.presenters.figures import FigureCell
from ui.presenters.form import SEPARATOR, Form, FormField, Labels, Pick, closed_form
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, OfficeList, nothing_yet
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, enter, message, opens
from ui.presenters.printing import Printing
from ui.presenters.readers import Values, read_file
from ui.presenters.tasks import COMPUTE

DISABLE, REMOVE = "disable", "remove"
_WIDE = {"role": 4, "act": 4, "reason": 4, "user_id": 2, "name": 2, "new": 2, "again": 2, "pin": 2}
_FIELD = Labels("pengguna.")
_ROLES = Choice.each(Role, "role.")


class AccountList(OfficeList):
    """Adds, gives a new start (passphrase, PIN, role), resets the second factor, disables and removes."""

    _coded: frozenset[str] = frozenset()  # who is asked for a second factor, read with the list
    _needs = (Permission.ADD_USERS, "pengguna.not_yours")

    def screen(self) -> ListScreen[Account]:
        """Return the list."""
        return ListScreen(
            title=message("pengguna.title"),
            heads=(
                Head.named(message("common.name"), lambda each: each.user.name, lambda each: each.user.user_id),
                Head(
                    message("common.role"), lambda each: FigureCell(_role(each)), 320, lambda each: each.user.role.value
                ),
                Head.tagged(message("common.state"), _state, 220, lambda each: each.is_disabled),
                Head.tagged(message("common.second_code"), self._factor, 220),
            ),
            load=self._load,
            name=lambda each: each.user.user_id,
            text=lambda each: f"{each.user.name} {each.user.user_id}",
            reads=frozenset({"user"}),
            empty=nothing_yet("pengguna.empty"),
            filters=(
                (
                    ALL,
                    *Filter.by("pengguna.", {"off": lambda each: each.is_disabled, "fresh": lambda each: each.is_new}),
                ),
            ),
            commands=self._commands,
            hint=message("pengguna.hint"),
        )

    def _load(self) -> Sequence[Account]:
        self._coded = self._context.accounts.with_second_factor()
        return sorted(self._context.accounts.everybody(), key=lambda each: each.user.name.casefold())

    def _commands(self, listed: Listed[Account]) -> tuple[Command, ...]:
        account, opens = listed.current, self._opens
        at = account.user.user_id if account else ""
        refused = self._not_yours or ("" if account else message("common.choose_person"))
        if not refused and at == self._context.user.user_id:
            refused = message("pengguna.yourself")
        has_none = message("pengguna.not_here_yet") if account and account.is_new else ""
        end = opens("end", message("pengguna.end"), Action.REMOVE, refused or has_none, "account_end", user_id=at)
        return (
            replace(end, weight=Weight.DANGER),
            self._reset(at, refused),
            opens("begin_new", message("common.add"), Action.NEW, self._not_yours, "account_new"),
            opens("accept", message("pengguna.again"), Action.ACCEPT, refused, "account_again", user_id=at),
        )

    def _factor(self, account: Account) -> Tag | None:
        return Tag(message("common.set_up"), Tone.GOOD) if account.user.user_id in self._coded else None

    def _reset(self, at: str, refused: Message) -> Command:
        """Return what asks somebody for no code any more, whose phone is lost."""
        no_factor = "" if at in self._coded else message("pengguna.no_factor")
        reset = Operation(
            work=lambda: self._context.accounts.reset_second_factor(at),
            told=lambda user: message("pengguna.factor_reset", name=user.name),
        )
        words = message("pengguna.reset_factor")
        return Command("reset_factor", words, Action.CLEAN, refused=refused or no_factor, runs=reset)


def _role(account: Account) -> Message:
    return message(f"role.{account.user.role.value}")


def _state(account: Account) -> Tag:
    if account.is_new:
        return Tag(message("pengguna.is_new"), Tone.CAUTION)
    if account.is_disabled:
        return Tag(message("common.disabled"), Tone.CAUTION)
    return Tag(message("pengguna.active"), Tone.GOOD)


def new_account_form(context: AppContext) -> Form:
    """Somebody new: id, name, role, and what opens the kit the first time."""
    if not context.user.may(Permission.ADD_USERS):
        return _closed(context)

    def load() -> tuple[FormField, ...]:
        return (
            _FIELD("user_id", hint="awal.user_id_hint"),
            _FIELD("name", hint="pengguna.name_hint"),
            _FIELD("role", choices=_ROLES),
            *_secrets(),
        )

    def keep(values: Values) -> User:
        if not values["role"]:  # another one later needs a new start
            raise InputError("account.no_role").at("role")
        user = User(values["user_id"], values["name"], Role(values["role"]))
        return context.accounts.add(user, _passphrase(values), values["pin"].strip())

    title, add = message("pengguna.new_title"), message("common.add")
    return Form(title, load, keep, message("pengguna.line_needed"), add, wide=_WIDE)


def account_again_form(context: AppContext, user_id: str) -> Form:
    """A new start: another passphrase and PIN, the same role or another one."""
    if not context.user.may(Permission.ADD_USERS):
        return _closed(context)
    user = _user(context, user_id)

    def load() -> tuple[FormField, ...]:
        return (_FIELD("role", user.role.value, choices=_ROLES), *_secrets())

    def keep(values: Values) -> User:
        passphrase, pin = _passphrase(values), values["pin"].strip()
        return context.accounts.start_anew(user_id, passphrase, pin, Role(values["role"]))

    title = message("pengguna.again_title", name=user.name)
    return Form(title, load, keep, message("pengguna.again_hint"), message("pengguna.again_do"), wide=_WIDE)


def account_end_form(context: AppContext, user_id: str) -> Form:
    """The end of an account, with its reason: disabled, or taken off this kit."""
    if not context.user.may(Permission.ADD_USERS):
        return _closed(context)
    user = _user(context, user_id)

    def load() -> tuple[FormField, ...]:
        acts = Choice.each((DISABLE, REMOVE), "pengguna.act_")
        return (_FIELD("act", DISABLE, choices=acts), _FIELD("reason", hint="pengguna.reason_hint"))

    def keep(values: Values) -> User:
        if not values["reason"].strip():
            raise InputError("account.no_reason").at("reason")
        end = context.accounts.remove if values["act"] == REMOVE else context.accounts.disable
        return end(user_id, values["reason"])

    title, end = message("pengguna.end_title", name=user.name), message("pengguna.end")
    return Form(title, load, keep, message("pengguna.end_hint"), end, weight=Weight.DANGER, wide=_WIDE)


def _closed(context: AppContext) -> Form:
    return closed_form(context, message("pengguna.title"), Permission.ADD_USERS, message("pengguna.not_yours"))


def _user(context: AppContext, user_id: str) -> User:
    return next(each.user for each in context.accounts.everybody() if each.user.user_id == user_id)


def _secrets() -> tuple[FormField, ...]:
    return (
        _FIELD("new", hint="pengguna.new_hint", is_secret=True),
        replace(_FIELD("again", is_secret=True), label=message("pengguna.again_field")),
        _FIELD("pin", hint="awal.pin_hint", is_secret=True),
    )


def _passphrase(values: Values) -> str:
    if values["new"] != values["again"]:
        raise InputError("account.differs").at("again")
    return values["new"]


# Persiapan awal: what this kit still lacks, each line leading to where it is done; the sheet that opens it again.

SCREENS: Mapping[SetUpStep, tuple[str, Mapping[str, str]]] = {
    SetUpStep.SHEET: ("recovery_sheet", {}),
    SetUpStep.FACTOR: ("second_factor", {}),
    SetUpStep.LETTERHEAD: ("settings", {"section": "kop"}),
    SetUpStep.USERS: ("accounts", {}),
    SetUpStep.STAFF: ("staff_import", {}),
    SetUpStep.SOPS: ("settings", {"section": "sop_files"}),
    SetUpStep.PROVIDERS: ("settings", {"section": "penyedia"}),
}
"""Where each step is done."""
_TONES = {
    SetUpState.MISSING: Tone.CAUTION,
    SetUpState.DONE: Tone.GOOD,
    SetUpState.DECLINED: Tone.NEUTRAL,
}


class SetUpList(OfficeList):
    """Enter does the step under the cursor; the first that is missing is under it."""

    def __init__(self, context: AppContext, navigator: Navigator, printing: Printing) -> None:
        super().__init__(context, navigator)
        self._printing = printing

    def screen(self) -> ListScreen[SetUpLine]:
        """Return the list."""
        return ListScreen(
            title=message("persiapan.title"),
            heads=(
                Head(
                    message("persiapan.step"),
                    lambda line: FigureCell(
                        set_up_words(line.step), message(f"persiapan.why_{line.step.value}"), is_strong=True
                    ),
                ),
                Head.tagged(message("common.state"), _set_up_state, 260),
            ),
            load=self._context.set_up.lines,
            name=lambda line: line.step.value,
            reads=frozenset({"user", "staff", "letterhead"}),
            begins_at=lambda line: line.state is SetUpState.MISSING,
            commands=self._commands,
            hint=message("persiapan.search"),
        )

    def _commands(self, listed: Listed[SetUpLine]) -> tuple[Command, ...]:
        line = listed.current
        if line is None:
            return ()
        again = Operation(
            work=lambda: self._context.set_up.decline(line.step), done=lambda _: self._navigator.replace("set_up")
        )
        words = message("persiapan.needed" if line.state is SetUpState.DECLINED else "persiapan.decline")
        done = message("persiapan.is_done") if line.state is SetUpState.DONE else ""
        screen, params = SCREENS[line.step]
        if line.step is SetUpStep.FACTOR and done:  # what counts already ends with a code only
            screen = "second_factor_change"
        go = self._print() if line.step is SetUpStep.SHEET else opens(self._navigator, screen, **params)
        decline = Command("decline", words, Action.SET_ASIDE, Weight.SECOND, done, again)
        return (decline, enter(message(f"persiapan.do_{line.step.value}"), go))

    def _print(self) -> Operation[str]:
        """Return what prints a new recovery sheet and asks for its code; without a printer, where its PDF is."""

        def brought_out() -> str:
            sheet, name = self._context.set_up.recovery_sheet(), f"lembar-pemulihan-{self._context.kit_id}"
            if not self._printing.printer():
                return self._printing.save(name, sheet.pdf)
            self._printing.print_pages(sheet.pages)
            return ""

        return Operation(
            work=brought_out,
            done=lambda path: self._navigator.push("recovery_sheet", **({"path": path} if path else {})),
            executor=COMPUTE,
            busy=message("persiapan.printing"),
        )


def set_up_words(step: SetUpStep) -> Message:
    """Return what a step is called."""
    return message(f"persiapan.{step.value}")


def _set_up_state(line: SetUpLine) -> Tag:
    return Tag(message(f"persiapan.state_{line.state.value}"), _TONES[line.state])


def recovery_sheet_form(context: AppContext, path: str = "") -> Form:
    """The code of the sheet that was just printed, typed back from the paper: only then it opens the kit.

    `path` is where it was kept for want of a printer.
    """

    def load() -> tuple[FormField, ...]:
        return (FormField("code", message("pulih.sheet_code"), hint=message("persiapan.code_hint")),)

    def keep(values: Values) -> None:
        context.accounts.prove_sheet(values["code"])

    hint = message("persiapan.sheet_saved", path=path) if path else message("persiapan.sheet_hint")
    return Form(message("persiapan.sheet_title"), load, keep, hint)


# Pegawai: the people whom papers name and plans send; each on a form, or all of them at once from a table.

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
                Head(message("common.position"), lambda p: FigureCell(p.jabatan, p.pangkat), order=lambda p: p.jabatan),
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
