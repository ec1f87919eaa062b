"""Pengguna: who may sign in on this kit, and what an admin does about them. No end and no new start is undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission, Role, User
from fieldkit.ports.accounts import Account
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.form import Form, FormField, Labels, closed_form
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.readers import Values

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
                Head(message("common.role"), lambda each: Cell(_role(each)), 320, lambda each: each.user.role.value),
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
