"""What was typed and not accepted yet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from sqlalchemy import delete, or_, select
from sqlalchemy.engine import Connection

from fieldkit.domain.drafts import Draft, DraftName
from fieldkit.storage.mappers import AnyRow, read_plain_json
from fieldkit.storage.repositories.upsert import put
from fieldkit.storage.tables import drafts


class SqlDrafts:
    """`fieldkit.ports.drafts.Drafts` over the table `drafts`.

    The column `name` is unique and two people may type into the same form: it holds the owner before the form.

    A long value, a photographed paper, stands in a row of its own, whose owner is the draft: it is written once and not
    with each key, and whoever lists drafts does not read it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, draft: Draft) -> None:
        """Insert or replace the draft that this person has of this form."""
        key, long = _key(draft.name, draft.owner), {n: text for n, text in draft.fields.items() if len(text) > _LONG}
        short = {name: text for name, text in draft.fields.items() if name not in long}
        row = {"name": key, "owner": draft.owner, "body": _json(short), "at": draft.at}
        put(self._connection, drafts, "name", [row])
        apart = {_apart(key, name, text): {name: text} for name, text in long.items()}
        had = set(self._connection.scalars(select(drafts.c.name).where(drafts.c.owner == key)))
        self._connection.execute(delete(drafts).where(drafts.c.name.in_(had - set(apart))))
        new = [(name, _json(value)) for name, value in apart.items() if name not in had]
        put(self._connection, drafts, "name", [{**row, "name": name, "owner": key, "body": body} for name, body in new])

    def find(self, name: DraftName, owner: str) -> Draft | None:
        """Return what this person typed into a form, None when nothing waits."""
        key = _key(name, owner)
        row = self._connection.execute(select(drafts).where(drafts.c.name == key)).first()
        if row is None:
            return None
        draft, apart = _draft(row), self._connection.scalars(select(drafts.c.body).where(drafts.c.owner == key))
        fields = {name: text for body in apart for name, text in read_plain_json(body).items()}
        return replace(draft, fields={**draft.fields, **fields})

    def of(self, owner: str) -> Sequence[Draft]:
        """Return all drafts of a person, latest first, without their long values."""
        found = select(drafts).where(drafts.c.owner == owner).order_by(drafts.c.at.desc(), drafts.c.row.desc())
        return [_draft(row) for row in self._connection.execute(found)]

    def erase(self, name: DraftName, owner: str) -> None:
        """Forget what this person typed into a form; nothing to forget is no error."""
        key = _key(name, owner)
        self._connection.execute(delete(drafts).where(or_(drafts.c.name == key, drafts.c.owner == key)))

    def erase_all_of(self, name: DraftName) -> None:
        """Forget what anybody typed into a form."""
        mine = select(drafts.c.name).where(drafts.c.name == drafts.c.owner + _BETWEEN + name.text)
        keys = list(self._connection.scalars(mine))
        self._connection.execute(delete(drafts).where(or_(drafts.c.name.in_(keys), drafts.c.owner.in_(keys))))


_BETWEEN = " "  # no name of a form has one
_LONG = 20_000  # letters; what is typed is shorter


def _key(name: DraftName, owner: str) -> str:
    return f"{owner}{_BETWEEN}{name.text}"


def _apart(key: str, name: str, text: str) -> str:
    return _BETWEEN.join((key, name, sha256(text.encode()).hexdigest()))


def _json(fields: Mapping[str, str]) -> str:
    return json.dumps(dict(fields), ensure_ascii=False, sort_keys=True)


def _draft(row: AnyRow) -> Draft:
    name = DraftName.parse(row.name.removeprefix(f"{row.owner}{_BETWEEN}"))
    return Draft(name, row.owner, read_plain_json(row.body), row.at)
