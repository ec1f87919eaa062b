"""What the lists of the office have in common beside their rows: whose they are, where they lead, who may do what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.commands import Command, Operation
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening


class OfficeList:
    """The ground of a class whose `screen` returns a `ListScreen`; without an activity it shows those of all.

    `_needs` is the right to do what its commands do, with the phrase for whom the service would refuse.
    """

    _needs: tuple[Permission, str]

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        self._context, self._office, self._navigator = context, context.office, navigator
        self._of = activity_id

    def _opens(
        self, name: str, words: Message, act: Action | None, refused: Message, screen: str, **params: str
    ) -> Command:
        """Return the command that opens a screen; the one of Enter is the primary one."""
        return opening(self._navigator, name, words, act, refused, screen, **params)

    def _refusal(self, permission: Permission, key: str) -> Message:
        """Return the phrase `key` for whom the service would refuse, "" for who may."""
        return "" if self._context.user.may(permission) else message(key)

    @property
    def _not_yours(self) -> Message:
        return self._refusal(*self._needs)

    def _shown(self, draft: Callable[[], Letter]) -> Operation[Letter]:
        """Return what drafts a letter and shows it."""
        return Operation(work=draft, done=lambda letter: self._navigator.push("letter", letter_id=letter.thing_id))

    def _moment_text(self, at: datetime) -> str:
        """Return a moment in the time of the dinas."""
        return moment_text(self._context.clock.local(at))

    def _day_text(self, at: datetime) -> str:
        """Return the day of a moment in the time of the dinas."""
        return day_text(self._context.clock.local(at).date())
