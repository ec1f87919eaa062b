"""Figures come first: each bench prints what it measured, and what is too slow ends the command after the last of them.

Qt's remarks on an offscreen screen are nothing that a bench measures; in the tests of the screens they still fail.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _only_the_work_is_measured() -> Iterator[None]:
    """Leave what the tests hold out of the collector's rounds: it is not the program's to go through."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True, scope="module")
def _papers_are_drawn_once() -> None:
    """Draw every paper, as the program does."""
