"""What talks to the data center, over a real gateway: anchors are kept and certificates renewed with the same keys."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.homes import Nobody, Office, office, opened, record
from support.room import PETUGAS

from fieldkit.app.bootstrap import office_parts
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.domain.delivery import AnchorSource
from fieldkit.services.context.app_context import AppContext
from fieldkit.vault.certificates import certificate_key
from fieldkit.vault.keyslots import KeySlotFile

__all__ = ["office"]
AGES = timedelta(days=365 * 50)


def own_certificates(context: AppContext) -> dict[str, int]:
    with context.delivery._units.read() as unit:
        return {
            holder: sum(event.kind == "certificate_renewed" for event in unit.events.of(holder))
            for holder in (context.kit_id, PETUGAS.user_id)
        }


def test_nothing_is_renewed_long_before_its_end(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        report = context.delivery.send(Nobody(), Nobody())
        assert (report.stopped_by, report.notes) == (None, ())
        assert own_certificates(context) == {context.kit_id: 0, PETUGAS.user_id: 0}


@pytest.mark.days
def test_both_certificates_are_renewed_and_what_they_seal_is_accepted(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    monkeypatch.setattr(office_parts, "KIT_AHEAD", AGES)
    monkeypatch.setattr(office_parts, "USER_AHEAD", AGES)
    monkeypatch.setattr(
        "sync.gateway.certificates._FRESH", timedelta()
    )  # else who was enrolled today gets the same again
    before = KeySlotFile.open(home.slots)._file.slot(PETUGAS.user_id).certificate
    with opened(home) as context:
        kit_before = context.kit_certificate
        report = context.delivery.send(Nobody(), Nobody())
        assert (report.stopped_by, report.notes) == (None, ())
        assert own_certificates(context) == {context.kit_id: 1, PETUGAS.user_id: 1}
        renewed = KitSettings.load(context.delivery._units._store).kit_certificate
    after = KeySlotFile.open(home.slots)._file.slot(PETUGAS.user_id).certificate
    for old, new in ((kit_before, renewed), (before, after)):
        assert old != new
        assert certificate_key(old) == certificate_key(new)

    monkeypatch.undo()
    with opened(home) as context:
        assert context.kit_certificate == renewed
        entry = record(context)
        report = context.delivery.send(Nobody(), Nobody())
        assert report.acknowledged == (entry.record.record_id,)


@pytest.mark.days
def test_a_strange_certificate_is_not_kept(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    monkeypatch.setattr("sync.gateway.certificates._FRESH", timedelta())
    monkeypatch.setattr(office_parts, "certificate_key", lambda der: der)
    monkeypatch.setattr(office_parts, "KIT_AHEAD", AGES)
    with opened(home) as context:
        report = context.delivery.send(Nobody(), Nobody())
        assert [note.code for note in report.notes] == ["vault.certificate", "sync.not_renewed"]
        assert KitSettings.load(context.delivery._units._store).kit_certificate == context.kit_certificate


@pytest.mark.days
def test_the_heads_of_the_log_are_anchored(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        for _ in range(2):
            assert context.delivery.send(Nobody(), Nobody()).forked == ""
        with context.delivery._units.read() as unit:
            anchors = [each for each in unit.anchors.all() if each.source is AnchorSource.CENTER]
            head = unit.anchors.heads()[-1]
    assert len(anchors) == 2
    assert {each.chain for each in anchors} == {head.chain}
    assert anchors[0].sequence < anchors[1].sequence < head.sequence
