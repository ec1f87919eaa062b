"""Pengguna: who may sign in on this kit, and what an admin does about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.accounts import Account
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone


class AccountList(OfficeList):
    """Adds, gives a new start (passphrase, PIN, role), resets the second factor, disables and removes."""

    _coded: frozenset[str] = frozenset()  # who is asked for a second factor, read with the list
    _needs = (Permission.ADD_USERS, "pengguna.not_yours")

    def screen(self) -> ListScreen[Account]:
        """Return the list."""
        return ListScreen(
            title=message("pengguna.title"),
            heads=(
                Head.named(message("pegawai.name"), lambda each: each.user.name, lambda each: each.user.user_id),
                Head(message("pengguna.role"), lambda each: Cell(_role(each)), 320, lambda each: each.user.role.value),
                Head.tagged(message("pengguna.state"), _state, 220, lambda each: each.is_disabled),
                Head.tagged(message("pengguna.factor"), self._factor, 220),
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
        refused = self._not_yours or ("" if account else message("pegawai.choose_first"))
        if not refused and at == self._context.user.user_id:
            refused = message("pengguna.yourself")
        has_none = message("pengguna.not_here_yet") if account and account.is_new else ""
        end = opens("end", message("pengguna.end"), Action.REMOVE, refused or has_none, "account_end", user_id=at)
        return (
            replace(end, weight=Weight.DANGER),
            self._reset(account, refused),
            opens("begin_new", message("pengguna.add"), Action.NEW, self._not_yours, "account_new"),
            opens("accept", message("pengguna.again"), Action.ACCEPT, refused, "account_again", user_id=at),
        )

    def _factor(self, account: Account) -> Tag | None:
        return Tag(message("pengguna.factor_on"), Tone.GOOD) if account.user.user_id in self._coded else None

    def _reset(self, account: Account | None, refused: Message) -> Command:
        """Return what asks somebody for no code any more, whose phone is lost."""
        if not refused and account is not None and account.user.user_id not in self._coded:
            refused = message("pengguna.no_factor")
        words = message("pengguna.reset_factor")
        if account is None or refused:
            return Command("reset_factor", words, Action.CLEAN, refused=refused)
        reset = Operation(
            work=lambda: self._context.accounts.reset_second_factor(account.user.user_id),
            told=lambda user: message("pengguna.factor_reset", name=user.name),
        )
        return Command("reset_factor", words, Action.CLEAN, runs=reset)


def _role(account: Account) -> Message:
    return message(f"role.{account.user.role.value}")


def _state(account: Account) -> Tag:
    if account.is_new:
        return Tag(message("pengguna.is_new"), Tone.CAUTION)
    if account.is_disabled:
        return Tag(message("pengaturan.disabled"), Tone.CAUTION)
    return Tag(message("pengguna.active"), Tone.GOOD)
