"""What the gateway knows of a kit's records: manifests, reconciliation, the status feed and the counts."""

from __future__ import annotations

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import KnownError
from sync.gateway.house import House, Refusal
from sync.gateway.tables import kits, manifests, records, statuses, uploads
from sync.protocol.messages import (
    MANIFEST_TYP,
    PAGE_SIZE,
    Announced,
    Announcement,
    AnnouncementAnswer,
    CountsAnswer,
    Held,
    Holding,
    Manifest,
    ReconcileAnswer,
    ReconcileQuestion,
    StatusItem,
    StatusPage,
)


class Ledger:
    """Reads and writes of one kit at a time; no kit sees another's records."""

    def __init__(self, house: House) -> None:
        self._house = house

    def announce(self, kit: str, announcement: Announcement) -> AnnouncementAnswer:
        """Keep manifests that the kit signed; one that came before is accepted again."""
        with self._house.engine.begin() as connection:
            certificate = connection.scalar(sa.select(kits.c.certificate).where(kits.c.kit == kit)) or b""
        verifier = self._house.verifier_for(certificate)
        words = []
        for jws in announcement.manifests:
            try:
                manifest = Manifest.model_validate(verifier.verify(jws, MANIFEST_TYP))
            except (KnownError, ValidationError):
                words.append(Announced(code="manifest.invalid"))
                continue
            words.append(Announced(code=self._keep(kit, manifest, jws)))
        return AnnouncementAnswer(manifests=tuple(words))

    def reconcile(self, kit: str, question: ReconcileQuestion) -> ReconcileAnswer:
        """Say of each record what is here."""
        ids = [str(digest.record_id) for digest in question.records]
        query = (
            sa.select(manifests.c.record_id, manifests.c.sha256, uploads.c.offset, records.c.receipt)
            .outerjoin(uploads, uploads.c.record_id == manifests.c.record_id)
            .outerjoin(records, records.c.record_id == manifests.c.record_id)
            .where(manifests.c.kit == kit, manifests.c.record_id.in_(ids))
        )
        with self._house.engine.begin() as connection:
            known = {row.record_id: row for row in connection.execute(query)}
        answer = []
        for digest in question.records:
            row = known.get(str(digest.record_id))
            if row is None:
                answer.append(Held(record_id=digest.record_id, holding=Holding.UNKNOWN))
            elif row.sha256 != digest.sha256:
                answer.append(Held(record_id=digest.record_id, holding=Holding.CONFLICT))
            elif row.receipt is not None:
                answer.append(Held(record_id=digest.record_id, holding=Holding.RECEIVED))
            elif row.offset is None:
                answer.append(Held(record_id=digest.record_id, holding=Holding.ANNOUNCED))
            else:
                answer.append(Held(record_id=digest.record_id, holding=Holding.PARTIAL, offset=row.offset))
        return ReconcileAnswer(records=tuple(answer))

    def statuses(self, kit: str, cursor: str) -> StatusPage:
        """Return the feed of a kit after a cursor. Raise `Refusal` 400 for a cursor we did not give."""
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            raise Refusal(400, "statuses.cursor")
        query = (
            sa.select(statuses)
            .where(statuses.c.kit == kit, statuses.c.cursor > int(cursor or 0))
            .order_by(statuses.c.cursor)
            .limit(PAGE_SIZE + 1)
        )
        with self._house.engine.begin() as connection:
            rows = connection.execute(query).all()
        page = rows[:PAGE_SIZE]
        items = tuple(
            StatusItem(
                record_id=row.record_id,
                code=row.code,
                source=row.source,
                observed_at=row.observed_at,
                reason=row.reason,
                verdict=row.verdict,
            )
            for row in page
        )
        return StatusPage(items=items, cursor=str(page[-1].cursor) if page else cursor, has_more=len(rows) > PAGE_SIZE)

    def counts(self, kit: str) -> CountsAnswer:
        """Count what is here of a kit."""
        mine = sa.select(sa.func.count()).select_from(manifests).where(manifests.c.kit == kit)
        with self._house.engine.begin() as connection:
            announced = connection.scalar(mine) or 0
            received = connection.scalar(mine.join(records, records.c.record_id == manifests.c.record_id)) or 0
        return CountsAnswer(announced=announced, received=received)

    def _keep(self, kit: str, manifest: Manifest, jws: str) -> str:
        if manifest.kit != kit:
            return "manifest.invalid"
        if manifest.size_bytes > self._house.limits.max_record_bytes:
            return "record.too_large"
        record_id = str(manifest.record_id)
        try:
            with self._house.engine.begin() as connection:
                row = connection.execute(sa.select(manifests).where(manifests.c.record_id == record_id)).one_or_none()
                if row is not None:
                    return "" if (row.kit, row.sha256) == (kit, manifest.sha256) else "record.conflict"
                connection.execute(
                    sa.insert(manifests).values(
                        record_id=record_id,
                        kit=kit,
                        sha256=manifest.sha256,
                        size_bytes=manifest.size_bytes,
                        chain=manifest.chain,
                        sequence=manifest.sequence,
                        jws=jws,
                        sealed_at=manifest.sealed_at,
                        announced_at=self._house.clock.now(),
                    )
                )
        except IntegrityError:
            # The same place of a chain with another record: two laptops write one kit's chain, or a copy was restored.
            return "manifest.fork"
        return ""
