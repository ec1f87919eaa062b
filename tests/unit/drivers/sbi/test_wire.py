from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drivers.sbi.wire import base64url, error_of, moment, parse_json, score, text, texts
from fieldkit.ports.devices import ProtocolError


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(ProtocolError):
        parse_json(body)


@pytest.mark.parametrize(("value", "expected"), [("81", 81), (81, 81), (80.6, 81), ("0", 0), (100, 100)])
def test_scores_come_as_text_or_number(value, expected):
    assert score({"s": value}, "s") == expected


@pytest.mark.parametrize("value", ["", "x", None, True, -1, 100.5, "101", "nan", float("inf"), [], "1e999"])
def test_scores_outside_the_range_are_refused(value):
    with pytest.raises(ProtocolError):
        score({"s": value}, "s")


@pytest.mark.parametrize("at", ["2026-11-21T05:00:00Z", "2026-11-21T12:00:00+07:00", "2026-11-21T05:00:00.000"])
def test_times_are_utc(at):
    assert moment({"t": at}, "t") == datetime(2026, 11, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize("at", ["", "yesterday", "0001-01-01T00:00:00+14:00"])
def test_other_times_are_refused(at):
    with pytest.raises(ProtocolError):
        moment({"t": at}, "t")


def test_texts_and_numbers():
    assert text({"a": None}, "a") == text({}, "a") == ""
    assert text({"a": 3}, "a") == "3"
    assert texts({"a": [1, "2", None]}, "a") == ("1", "2")
    assert texts({"a": "0.9.5"}, "a") == ("0.9.5",)
    with pytest.raises(ProtocolError):
        text({"a": {}}, "a")


def test_base64url_with_and_without_padding():
    assert base64url("_-8", "x") == base64url("_-8=", "x") == b"\xff\xef"
    for bad in ("a", "ab!c", "é"):
        with pytest.raises(ProtocolError):
            base64url(bad, "x")


def test_errors_of_items():
    assert error_of({}) == error_of({"error": None}) == (0, "")
    assert error_of({"error": {"errorCode": "101", "errorInfo": "no"}}) == (101, "no")
    assert error_of({"error": {"errorCode": 0}}) == (0, "")
    for bad in ({"error": "no"}, {"error": {"errorCode": "-1"}}, {"error": {"errorCode": "9" * 99}}):
        with pytest.raises(ProtocolError):
            error_of(bad)
