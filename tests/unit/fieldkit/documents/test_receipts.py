from __future__ import annotations

import pytest

from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import EYES, FINGERS, Position

FIELDS: dict[str, object] = {
    "dinas": {"dinas": "Dispendukcapil Kabupaten Blitar"},
    "name": "^MISINEM {nik}",
    "nik": "350512••••••••03",
    "place": "Desa Jimbe",
    "activity": "Jemput bola",
    "surat_tugas": "ST/1",
    "recorded": [*FINGERS[:8], EYES[0], Position.PORTRAIT, Position.SIGNATURE, Position.SIGNATURE],
    "exceptions": [],
    "card_from": "",
    "attendants": ["Rina"],
    "record_id": "0199-0001",
    "sha256": "ab" * 32,
    "sealed_at": "2026-11-21T09:05:00+07:00",
}


def test_the_receipt_says_what_the_slip_says() -> None:
    receipt = TypstLetters().receipt("bukti_perekaman", FIELDS)
    told = [line.text for line in receipt.lines]
    assert told[0] == "Dispendukcapil Kabupaten Blitar"
    assert receipt.lines[0].is_strong
    assert receipt.lines[0].is_centred
    for line in (
        "GRATIS",
        "NIK 350512••••••••03",
        "Direkam 21-11-2026 pukul 09.05",
        "Sidik jari 8 dari 10",
        "Iris mata 1 dari 2",
        "Foto 1 dari 1",
        "Tanda tangan 1 dari 1",
        "No. 0199-0001",
    ):
        assert line in told
    assert receipt.qr == "FK1:0199-0001:" + "AB" * 32


def test_a_name_with_marks_and_braces_is_only_a_name() -> None:
    (line,) = [line for line in TypstLetters().receipt("bukti_perekaman", FIELDS).lines if "MISINEM" in line.text]
    assert (line.text, line.is_strong, line.is_centred) == ("^MISINEM {nik}", True, False)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InputError) as caught:
        TypstLetters().receipt("bukti_perekaman", {**FIELDS, "sealed_at": "soon"})
    assert caught.value.code == "letter.field_wrong"
