"""The forms about an account: a new one, a new start for one that is there, and its end. None of it is undone."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission, Role, User
from fieldkit.services.context.app_context import AppContext
from ui.presenters.commands import Weight
from ui.presenters.form import Form, FormField, Labels, closed_form
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import Values

DISABLE, REMOVE = "disable", "remove"
_WIDE = {"role": 4, "act": 4, "reason": 4, "user_id": 2, "name": 2, "new": 2, "again": 2, "pin": 2}
_FIELD = Labels("pengguna.")
_ROLES = Choice.each(Role, "role.")


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

    title, add = message("pengguna.new_title"), message("pengguna.add")
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
