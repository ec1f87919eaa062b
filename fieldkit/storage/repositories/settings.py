"""Small JSON values of this kit."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from fieldkit.storage.mappers import read_plain_json
from fieldkit.storage.repositories.upsert import put
from fieldkit.storage.tables import settings

_ONE = select(settings.c.value).where(settings.c.name == bindparam("of"))


class SqlSettings:
    """`fieldkit.ports.store.Settings` over the table `settings`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Any | None:
        """Return the value or None."""
        text = self._connection.scalar(_ONE, {"of": name})
        return None if text is None else read_plain_json(text)

    def put(self, name: str, value: Any) -> None:
        """Insert or replace."""
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        put(self._connection, settings, "name", [{"name": name, "value": text}])
