from __future__ import annotations

from support.gateway import kit, outbox, world

__all__ = ["kit", "outbox", "world"]
