"""Everything that travels between laptops as JSON bodies, whatever table it stands in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import Thing, digest_of
from fieldkit.domain.exchange import ACTIVITY, ATTACHMENT, SHARED, TARGET, VALUES
from fieldkit.domain.planning.outreach import Activity, Target
from fieldkit.storage import mappers
from fieldkit.storage.repositories.things import put, put_many
from fieldkit.storage.tables import UtcText, activities, attachments, targets, things

Current = Sequence[str]  # thing_id, activity_id, body
_META = ("attachment_id", "owner", "name", "media_type", "sha256", "added_at")


@cache
def _value_json(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(VALUES[kind])


def read_value(kind: str, body: str) -> Any:
    """Return the value of a body. Raise `InputError("exchange.broken")`."""
    try:
        return _value_json(kind).validate_json(body)
    except (ValidationError, KeyError) as error:
        raise InputError("exchange.broken") from error


def write_value(value: object) -> str:
    """Return the body of a value."""
    kind = next(kind for kind, known in VALUES.items() if type(value) is known)
    text: str = _value_json(kind).dump_json(value).decode()
    return text


class SharedValues:
    """Reads and writes bodies on one connection."""

    def __init__(self, connection: Connection, note_erasing: Callable[[], None]) -> None:
        self._connection, self._note_erasing = connection, note_erasing

    def current(self, kind: str) -> Iterator[Current]:
        """Yield everything of a kind as it stands in its table."""
        if kind == ACTIVITY:
            for row in self._connection.execute(select(activities)):
                yield row.activity_id, row.activity_id, write_value(mappers.activity_of(row))
        elif kind == TARGET:
            for row in self._connection.execute(select(targets)):
                yield row.target_id, row.activity_id, write_value(mappers.target_of(row))
        elif kind == ATTACHMENT:
            yield from self._attachments()
        else:
            mine = select(things.c.thing_id, things.c.activity_id, things.c.body).where(things.c.kind == kind)
            yield from self._connection.execute(mine)

    def everything(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield kind, id, activity and body of all that travels, as it stands in its table."""
        for kind in (ACTIVITY, TARGET, ATTACHMENT):
            for thing_id, activity_id, body in self.current(kind):
                yield kind, thing_id, activity_id, body
        mine = select(things.c.kind, things.c.thing_id, things.c.activity_id, things.c.body)
        yield from self._connection.execute(mine.where(things.c.kind.in_([kind.KIND for kind in SHARED])))

    def body(self, kind: str, thing_id: str) -> str:
        """Return the body of one, "" when it is not there."""
        if kind == ACTIVITY:
            row = self._connection.execute(select(activities).where(activities.c.activity_id == thing_id)).first()
            return write_value(mappers.activity_of(row)) if row else ""
        if kind == TARGET:
            row = self._connection.execute(select(targets).where(targets.c.target_id == thing_id)).first()
            return write_value(mappers.target_of(row)) if row else ""
        if kind == ATTACHMENT:
            found = _meta().where(attachments.c.attachment_id == thing_id)
            row = self._connection.execute(found).first()
            return _meta_body(row) if row else ""
        mine = (things.c.kind == kind) & (things.c.thing_id == thing_id)
        return self._connection.scalar(select(things.c.body).where(mine)) or ""

    def put(self, kind: str, thing_id: str, body: str, files: Mapping[str, bytes]) -> str:
        """Keep a body and return the digest of what is kept now. Raise `InputError("exchange.broken")`."""
        if kind == ATTACHMENT:
            return self._put_attachment(thing_id, body, files)
        if not body:
            self._remove(kind, thing_id)
            return digest_of("")
        return self.put_many(kind, {thing_id: body})[thing_id]

    def put_many(self, kind: str, bodies: Mapping[str, str]) -> Mapping[str, str]:
        """Keep bodies of one kind, none of them a removal or an attachment; return the digests of what is kept now."""
        values = {thing_id: read_value(kind, body) for thing_id, body in bodies.items()}
        if any(_id_of(value) != thing_id for thing_id, value in values.items()):
            raise InputError("exchange.broken")
        if kind == ACTIVITY:
            rows = [mappers.activity_values(value) for value in values.values()]
            put(self._connection, activities, "activity_id", rows)
        elif kind == TARGET:
            rows = [mappers.target_values(value) for value in values.values()]
            try:
                put_many(self._connection, targets, ["target_id"], rows)
            except IntegrityError as error:  # of an activity that nobody knows
                raise InputError("exchange.broken") from error
        else:
            # The text as it came: a newer program may have written more than this one knows.
            rows = [_thing_values(value, bodies[thing_id]) for thing_id, value in values.items()]
            put_many(self._connection, things, ["kind", "thing_id"], rows)
            return {thing_id: digest_of(body) for thing_id, body in bodies.items()}
        return {thing_id: digest_of(write_value(value)) for thing_id, value in values.items()}

    def _put_attachment(self, attachment_id: str, body: str, files: Mapping[str, bytes]) -> str:
        held = self.body(ATTACHMENT, attachment_id)
        if not body:
            self._connection.execute(delete(attachments).where(attachments.c.attachment_id == attachment_id))
            self._note_erasing()
        elif not held:
            meta = _read_meta(attachment_id, body)
            content = files.get(meta["sha256"])
            if content is None or hashlib.sha256(content).hexdigest() != meta["sha256"]:
                raise InputError("exchange.broken")
            self._connection.execute(insert(attachments).values(**meta, content=content))
        return digest_of(self.body(ATTACHMENT, attachment_id))

    def _remove(self, kind: str, thing_id: str) -> None:
        if kind in (ACTIVITY, TARGET):
            raise InputError("exchange.broken")  # nobody removes these
        self._connection.execute(delete(things).where((things.c.kind == kind) & (things.c.thing_id == thing_id)))
        self._note_erasing()

    def _attachments(self) -> Iterator[Current]:
        """Yield the files of what travels; a certificate of this laptop, for one, does not."""
        of_things = select(things.c.thing_id).where(things.c.kind.in_([kind.KIND for kind in SHARED]))
        owners = (of_things, select(activities.c.activity_id))
        mine = _meta().where(attachments.c.owner.in_(owners[0]) | attachments.c.owner.in_(owners[1]))
        for row in self._connection.execute(mine):
            yield row.attachment_id, "", _meta_body(row)


def _thing_values(thing: Thing, body: str) -> dict[str, str]:
    return {
        "kind": thing.KIND,
        "thing_id": thing.thing_id,
        "activity_id": thing.activity_id,
        "words": thing.words,
        "body": body,
    }


def _meta() -> Any:
    return select(*(attachments.c[name] for name in _META))


def _meta_body(row: Any) -> str:
    added_at = UtcText().process_bind_param(row.added_at, None)
    return json.dumps({**{name: getattr(row, name) for name in _META}, "added_at": added_at}, sort_keys=True)


def _read_meta(attachment_id: str, body: str) -> dict[str, Any]:
    try:
        meta = json.loads(body)
        known = {name: str(meta[name]) for name in _META}
        at = UtcText().process_result_value(known["added_at"], None)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError("exchange.broken") from error
    if known["attachment_id"] != attachment_id or at is None or at.tzinfo is None:
        raise InputError("exchange.broken")
    return {**known, "added_at": at}


def _id_of(value: Any) -> str:
    named = value.target_id if isinstance(value, Target) else None
    if isinstance(value, Activity):
        named = value.activity_id
    return str(named or value.thing_id)
