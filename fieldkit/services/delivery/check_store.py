"""Check the store after sign-in, in the background: damage is told while everything else is still whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fieldkit.domain.errors import Problem, Recovery
from fieldkit.ports.clock import Clock
from fieldkit.ports.store_care import StoreCare

_WHOLE_EVERY = timedelta(days=7)


class CheckStore:
    """Looks at every page once a day and after a cut, at everything once a week, and keeps the daily copy."""

    def __init__(self, care: StoreCare, clock: Clock, *, was_cut: bool = False) -> None:
        """`was_cut` when the store was not closed the last time: the power may have gone."""
        self._care, self._clock, self._was_cut = care, clock, was_cut
        self.is_due = True

    def run(self) -> Sequence[Problem]:
        """Do what this sign-in owes the store, and return what a person must hear.

        Raise `StoreError` when the disk is full.
        """
        self.is_due = False
        # After years a look at every page takes seconds of a processor: not at each sign-in of a day.
        told = self.check() if self._was_cut or self._care.is_copy_due(self._clock.now()) else ()
        if not told:
            self._care.tidy()
        return told

    def check(self) -> Sequence[Problem]:
        """Look at every page and copy, and return what a person must hear. Raise `StoreError`."""
        now = self._clock.now()
        last = self._care.checked_whole_at()
        is_whole = last is None or not now - _WHOLE_EVERY < last <= now
        damage = self._care.damage() or (self._care.deep_damage() if is_whole else ())
        if damage:
            self._care.note_damage()
            return [Problem("store.damage_found", {"places": len(damage)}, Recovery.SIGN_IN)]
        told = []
        if is_whole:
            if bad := self._care.bad_files():
                told.append(Problem("store.files_damaged", {"count": len(bad), "first": bad[0]}, Recovery.ASK_OFFICE))
            self._care.note_whole_check(now)
        self._care.copy(now)
        return told
