"""The counter of a dinas: that of KK, where a file of tests does not name another SOP."""

from __future__ import annotations

from support.counter import counter

__all__ = ["counter"]
