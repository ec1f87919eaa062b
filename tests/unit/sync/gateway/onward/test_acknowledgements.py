from __future__ import annotations

import json

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.ports.onward import Answer, OnwardState, Outcome
from sync.gateway.onward.acknowledgements import read_acknowledgements

YES, NO = OnwardState.ACKNOWLEDGED, OnwardState.REJECTED


def test_a_list_in_indonesian_with_semicolons_is_read() -> None:
    text = (
        "\ufeffNomor rekaman;Hasil;Alasan;Nomor resmi;Status\r\n"
        "r-1;Diterima;;REG-1;PRR\r\n"
        '\r\nr-2;ditolak;"foto; kabur";;\r\n'
        ";diterima;;;\r\nr-3;mungkin;;;\r\n"
    )
    lines = read_acknowledgements("jawaban.csv", text.encode())
    assert [line.answer for line in lines] == [
        Answer("r-1", Outcome(YES, "", "REG-1", "PRR")),
        Answer("r-2", Outcome(NO, "foto; kabur")),
        None,
        None,
    ]
    assert [(line.place, line.number, line.fault) for line in lines[2:]] == [
        (5, "", "onward.no_number"),
        (6, "r-3", "onward.no_result"),
    ]


@pytest.mark.parametrize("wrapped", [True, False])
def test_json_is_read(wrapped: bool) -> None:
    rows = [
        {"record_id": "r-1", "accepted": True, "registration_number": 17},
        {"record_id": "", "transaction_id": "t-2", "result": "rejected", "reason": None},
    ]
    lines = read_acknowledgements("x.JSON", json.dumps({"records": rows} if wrapped else rows).encode())
    assert [line.answer for line in lines] == [Answer("r-1", Outcome(YES, "", "17")), Answer("t-2", Outcome(NO))]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"name;result\nx;yes\n"),
        ("a.csv", b"\xff\xfe"),
        ("a.csv", b'record_id,result\n"' + b"x" * 200_000),
        ("a.json", b"{"),
        ("a.json", b'{"records": 1}'),
        ("a.json", b"[1]"),
        ("a.json", b"[" * 100_000),
    ],
)
def test_what_is_no_list_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_acknowledgements(name, content)
    assert caught.value.code == "onward.answers_unreadable"
