from __future__ import annotations

import json
from contextlib import nullcontext

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


@pytest.mark.parametrize(("rows", "is_list"), [(3, True), (4, False)])
def test_a_file_has_so_many_lines_at_most(monkeypatch: pytest.MonkeyPatch, rows: int, is_list: bool) -> None:
    monkeypatch.setattr("sync.gateway.onward.acknowledgements._MOST_LINES", 3)
    told = [{"number": str(number), "result": "ok"} for number in range(rows)]
    table = "\n".join(["number,result", *(f"{number},ok" for number in range(rows - 1))])
    for name, text in (("a.json", json.dumps(told)), ("a.csv", table)):
        with nullcontext() if is_list else pytest.raises(InputError, match=r"onward\.answers_unreadable"):
            assert {line.fault for line in read_acknowledgements(name, text.encode())} == {""}


def test_of_two_columns_the_first_that_is_filled_counts() -> None:
    text = (
        "record_id,transaction_id,number,result,hasil,reason,kode\n,t-1,n-1,,ya,,X\nr-2,t-2,,ok,tidak,why,\n , ,,,,,\n"
    )
    (first, second) = read_acknowledgements("a.csv", text.encode())
    assert first.answer == Answer("t-1", Outcome(YES, code="X"))
    assert second.answer == Answer("r-2", Outcome(YES, "why"))
    for name, content in (("a.txt", b"number,result\nr-1,ya"), ("a.json", b'[{"nomor": "r-1", "diterima": "ya"}]')):
        assert [line.answer for line in read_acknowledgements(name, content)] == [Answer("r-1", Outcome(YES))]
