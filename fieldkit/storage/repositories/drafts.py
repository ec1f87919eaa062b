"""What was typed and not accepted yet."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from fieldkit.domain.drafts import Draft, DraftName
from fieldkit.storage.mappers import AnyRow, read_plain_json
from fieldkit.storage.repositories.upsert import put
from fieldkit.storage.tables import drafts


class SqlDrafts:
    """`fieldkit.ports.drafts.Drafts` over the table `drafts`.

    The column `name` is unique and two people may type into the same form: it holds the owner before the form.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, draft: Draft) -> None:
        """Insert or replace the draft that this person has of this form."""
        body = json.dumps(dict(draft.fields), ensure_ascii=False, sort_keys=True)
        row = {"name": _key(draft.name, draft.owner), "owner": draft.owner, "body": body, "at": draft.at}
        put(self._connection, drafts, "name", [row])

    def find(self, name: DraftName, owner: str) -> Draft | None:
        """Return what this person typed into a form, None when nothing waits."""
        row = self._connection.execute(select(drafts).where(drafts.c.name == _key(name, owner))).first()
        return None if row is None else _draft(row)

    def of(self, owner: str) -> Sequence[Draft]:
        """Return all drafts of a person, latest first."""
        found = select(drafts).where(drafts.c.owner == owner).order_by(drafts.c.at.desc(), drafts.c.row.desc())
        return [_draft(row) for row in self._connection.execute(found)]

    def erase(self, name: DraftName, owner: str) -> None:
        """Forget what this person typed into a form; nothing to forget is no error."""
        self._connection.execute(delete(drafts).where(drafts.c.name == _key(name, owner)))

    def erase_all_of(self, name: DraftName) -> None:
        """Forget what anybody typed into a form."""
        self._connection.execute(delete(drafts).where(drafts.c.name == drafts.c.owner + _BETWEEN + name.text))


_BETWEEN = " "  # no name of a form has one


def _key(name: DraftName, owner: str) -> str:
    return f"{owner}{_BETWEEN}{name.text}"


def _draft(row: AnyRow) -> Draft:
    name = DraftName.parse(row.name.removeprefix(f"{row.owner}{_BETWEEN}"))
    return Draft(name, row.owner, read_plain_json(row.body), row.at)
