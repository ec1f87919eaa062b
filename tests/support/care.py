"""Somebody who looks after the store and finds what a test put there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta


class NothingWrong:
    def __init__(
        self,
        damage: Sequence[str] = (),
        deep: Sequence[str] = (),
        files: Sequence[str] = (),
        checked: datetime | None = None,
    ) -> None:
        self._copied: datetime | None = None
        self._damage, self._deep, self._files, self._checked = damage, deep, files, checked
        self.done: list[str] = []

    def damage(self) -> Sequence[str]:
        self.done.append("quick")
        return self._damage

    def deep_damage(self) -> Sequence[str]:
        self.done.append("deep")
        return self._deep

    def bad_files(self) -> Sequence[str]:
        self.done.append("files")
        return self._files

    def checked_whole_at(self) -> datetime | None:
        return self._checked

    def note_whole_check(self, at: datetime) -> None:
        self._checked = at

    def note_damage(self) -> None:
        self.done.append("noted")

    def is_copy_due(self, now: datetime) -> bool:
        return self._copied is None or not now - timedelta(days=1) < self._copied <= now

    def copy(self, now: datetime) -> None:
        self._copied = now
        self.done.append("copy")

    def tidy(self) -> None:
        self.done.append("tidy")
