"""Files that belong to things."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.kept import NOW

from fieldkit.domain.errors import StoreError
from fieldkit.ports.repositories import Attachment
from fieldkit.storage.store import SqlStore

SCAN = Attachment("f1", "r1", "surat.pdf", "application/pdf", b"%PDF-1.7\0", "ab" * 32, NOW)


def test_files_come_back_with_their_thing(store: SqlStore) -> None:
    with store.write() as unit:
        unit.attachments.put(SCAN)
        unit.attachments.put(replace(SCAN, attachment_id="f2", owner="r2"))
    with store.read() as unit:
        assert unit.attachments.get("f1") == SCAN
        assert unit.attachments.of("r1") == [SCAN]
    with store.write() as unit:
        assert not unit.has_erased
        unit.attachments.remove("f1")
        unit.attachments.remove("f1")
        assert unit.has_erased
        assert (unit.attachments.of("r1"), len(unit.attachments.of("r2"))) == ([], 1)


def test_a_file_is_kept_once(store: SqlStore) -> None:
    with store.write() as unit:
        unit.attachments.put(SCAN)
    with pytest.raises(StoreError, match="attachment_exists"), store.write() as unit:
        unit.attachments.put(replace(SCAN, content=b"other"))
    with store.read() as unit:
        assert unit.attachments.get("f1").content == SCAN.content
