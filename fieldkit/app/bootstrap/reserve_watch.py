"""What becomes of the room that a home keeps for a full disk, while somebody is signed in."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import Problem
from fieldkit.storage.reserve import RESERVE, Reserve

_log = logging.getLogger(__name__)
USED = Problem("mulai.reserve_used")


class ReserveWatch:
    """Tells once that the room was given up, and takes it again when the disk has it."""

    def __init__(self, home: Home, tell: Callable[[Problem], None]) -> None:
        self._reserve, self._tell, self._is_told = Reserve(home.path / RESERVE), tell, False

    def look(self) -> None:
        """Tell it when the room was given up since the last look."""
        is_given_up = self._reserve.is_given_up
        if is_given_up and not self._is_told:
            _log.info("the reserve was given up")
            self._tell(USED)
        self._is_told = is_given_up

    def take_again(self) -> None:
        """Take the room where there is some: as after a purge."""
        self._reserve.keep()
        self.look()
