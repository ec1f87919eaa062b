from __future__ import annotations

from support.homes import office

__all__ = ["office"]
