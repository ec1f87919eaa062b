"""Files that belong to things."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.ports.repositories import Attachment
from fieldkit.storage.mappers import AnyRow
from fieldkit.storage.repositories.upsert import get
from fieldkit.storage.tables import attachments


class SqlAttachments:
    """`fieldkit.ports.repositories.Attachments` over the table `attachments`."""

    def __init__(self, connection: Connection, note_erasing: Callable[[], None]) -> None:
        self._connection, self._note_erasing = connection, note_erasing

    def put(self, attachment: Attachment) -> None:
        """Insert. Raise `StoreError("store.attachment_exists")` for the same id."""
        values = {name: getattr(attachment, name) for name in Attachment.__slots__}
        try:
            self._connection.execute(insert(attachments).values(values))
        except IntegrityError as twice:
            raise StoreError("store.attachment_exists", recovery=Recovery.NONE, key=attachment.attachment_id) from twice

    def get(self, attachment_id: str) -> Attachment:
        """Return one. Raise `StoreError("store.not_found")`."""
        return _attachment(get(self._connection, attachments, "attachment_id", attachment_id))

    def of(self, owner: str) -> Sequence[Attachment]:
        """Return those of a thing, oldest first."""
        mine = select(attachments).where(attachments.c.owner == owner).order_by(attachments.c.row)
        return [_attachment(row) for row in self._connection.execute(mine)]

    def remove(self, attachment_id: str) -> None:
        """Erase one."""
        self._connection.execute(delete(attachments).where(attachments.c.attachment_id == attachment_id))
        self._note_erasing()


def _attachment(row: AnyRow) -> Attachment:
    return Attachment(row.attachment_id, row.owner, row.name, row.media_type, row.content, row.sha256, row.added_at)
