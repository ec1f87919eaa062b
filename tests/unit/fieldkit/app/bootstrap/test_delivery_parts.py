"""What talks to the data center, over a real gateway: anchors are kept and certificates renewed with the same keys."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.homes import Nobody, Office, office, opened, record
from support.room import PETUGAS

from fieldkit.app.bootstrap import delivery_parts
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.domain.delivery.anchors import AnchorSource
from fieldkit.services.context.desk import Desk
from fieldkit.vault.certificates import certificate_key
from fieldkit.vault.keyslots import KeySlotFile

__all__ = ["office"]
AGES = timedelta(days=365 * 50)


def own_certificates(desk: Desk) -> dict[str, int]:
    with desk.delivery._acts.read() as unit:
        return {
            holder: sum(event.kind == "certificate_renewed" for event in unit.events.of(holder))
            for holder in (desk.kit_id, PETUGAS.user_id)
        }


def test_nothing_is_renewed_long_before_its_end(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as desk:
        report = desk.delivery.send(Nobody(), Nobody())
        assert (report.stopped_by, report.notes) == (None, ())
        assert own_certificates(desk) == {desk.kit_id: 0, PETUGAS.user_id: 0}


def test_both_certificates_are_renewed_and_what_they_seal_is_accepted(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    monkeypatch.setattr(delivery_parts, "KIT_AHEAD", AGES)
    monkeypatch.setattr(delivery_parts, "USER_AHEAD", AGES)
    monkeypatch.setattr("sync.gateway.renewals._FRESH", timedelta())  # else who was enrolled today gets the same again
    before = KeySlotFile.open(home.slots)._file.slot(PETUGAS.user_id).certificate
    with opened(home) as desk:
        kit_before = desk.kit_certificate
        report = desk.delivery.send(Nobody(), Nobody())
        assert (report.stopped_by, report.notes) == (None, ())
        assert own_certificates(desk) == {desk.kit_id: 1, PETUGAS.user_id: 1}
        renewed = KitSettings.load(desk.delivery._acts._store).kit_certificate
    after = KeySlotFile.open(home.slots)._file.slot(PETUGAS.user_id).certificate
    for old, new in ((kit_before, renewed), (before, after)):
        assert old != new
        assert certificate_key(old) == certificate_key(new)

    monkeypatch.undo()
    with opened(home) as desk:
        assert desk.kit_certificate == renewed
        entry = record(desk)
        report = desk.delivery.send(Nobody(), Nobody())
        assert report.acknowledged == (entry.record.record_id,)


def test_a_strange_certificate_is_not_kept(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    monkeypatch.setattr("sync.gateway.renewals._FRESH", timedelta())
    monkeypatch.setattr(delivery_parts, "certificate_key", lambda der: der)
    monkeypatch.setattr(delivery_parts, "KIT_AHEAD", AGES)
    with opened(home) as desk:
        report = desk.delivery.send(Nobody(), Nobody())
        assert [note.code for note in report.notes] == ["vault.certificate", "sync.not_renewed"]
        assert KitSettings.load(desk.delivery._acts._store).kit_certificate == desk.kit_certificate


def test_the_heads_of_the_log_are_anchored(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as desk:
        for _ in range(2):
            assert desk.delivery.send(Nobody(), Nobody()).forked == ""
        with desk.delivery._acts.read() as unit:
            anchors = [each for each in unit.anchors.all() if each.source is AnchorSource.CENTER]
            head = unit.anchors.heads()[-1]
    assert len(anchors) == 2
    assert {each.chain for each in anchors} == {head.chain}
    assert anchors[0].sequence < anchors[1].sequence < head.sequence
