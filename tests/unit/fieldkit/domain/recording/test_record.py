from __future__ import annotations

import base64
import json
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.recording.record import Base64, detach, digest_of_context

WHERE = ("a1", "Jemput bola", "Desa Sumberjo", "800/1/2026", "0.2.0")


def test_each_part_of_where_somebody_was_recorded_has_its_own_digest() -> None:
    others = [digest_of_context(*WHERE[:at], "x", *WHERE[at + 1 :]) for at in range(len(WHERE))]
    assert len({digest_of_context(*WHERE), *others}) == 1 + len(WHERE)
    assert digest_of_context(*WHERE) == digest_of_context(*WHERE)


def test_what_moves_from_one_part_to_the_next_is_told_apart() -> None:
    assert digest_of_context("a", "bc", "", "", "") != digest_of_context("ab", "c", "", "", "")


SAMPLE = b"FIR\0" + bytes(range(256)) * 3 + b"\xfb\xff\xfe"  # its base64 has both letters in which the alphabets differ
VALUE = base64.urlsafe_b64encode(SAMPLE).decode().rstrip("=")
STANDARD = base64.b64encode(SAMPLE).decode()


def url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def token(payload: bytes) -> bytes:
    return b".".join((url(b'{"alg":"RS256"}'), url(payload), b"c2ln"))


def claims(value: object) -> bytes:
    return json.dumps({"bioType": "Finger", "bioValue": value, "qualityScore": "80"}).encode()


@pytest.mark.parametrize(
    ("payload", "alphabet", "left"),
    [
        (claims(VALUE), Base64.URL, claims("")),
        (claims(f"{VALUE}=="), Base64.URL, claims("==")),  # padding stays in the claims
        (claims(STANDARD), Base64.STANDARD, claims("==")),
        (claims(STANDARD.rstrip("=")), Base64.STANDARD, claims("")),
        (b'{ "bioValue" :\n\t"%s" }' % VALUE.encode(), Base64.URL, b'{ "bioValue" :\n\t"" }'),
        (b'{"bioValue":"%s"}' % VALUE.encode(), Base64.URL, b'{"bioValue":""}'),
        (claims([VALUE, "é\ud83d\ude00"]), Base64.URL, claims(["", "é\ud83d\ude00"])),
        (claims([VALUE, VALUE]), Base64.URL, claims(["", VALUE])),  # the second one is part of what surrounds the first
        (VALUE.encode(), Base64.URL, b""),  # no JSON at all: what it says is judged elsewhere
    ],
)
def test_the_sample_is_left_out_and_put_back(payload: bytes, alphabet: Base64, left: bytes) -> None:
    detached = detach(token(payload), SAMPLE)
    assert detached is not None
    assert (detached.alphabet, detached.claims, detached.signature) == (alphabet, left, b"c2ln")
    assert detached.attach(SAMPLE) == token(payload)
    assert detached.attach(SAMPLE[:-1]) != token(payload)


WRAPPED = "\r\n".join(textwrap.wrap(STANDARD, 76))


@pytest.mark.parametrize(
    "jws",
    [
        token(claims("")),
        token(claims(WRAPPED)),
        token(claims(STANDARD.replace("/", "\\/"))),
        token(claims(base64.b16encode(SAMPLE).decode())),
        token(claims(f"{VALUE[:-1]}x")),
        b"",
        b"a.b",
        b"a.b.c.d",
        b"a.b.c",
        b"a.\xff.c",
        token(claims(VALUE)).replace(b".", b".=", 1),
        token(claims(VALUE)).replace(b".c2ln", b"\n.c2ln"),
        token(claims(f"{VALUE} ")).replace(b".c2ln", b"=.c2ln"),
    ],
)
def test_what_would_not_come_back_stays_whole(jws: bytes) -> None:
    assert detach(jws, SAMPLE) is None


@given(st.binary(max_size=60), st.binary(max_size=40), st.binary(max_size=40), st.sampled_from(Base64))
def test_whatever_surrounds_it_comes_back(sample: bytes, before: bytes, after: bytes, alphabet: Base64) -> None:
    jws = token(before + alphabet.text(sample) + after)
    detached = detach(jws, sample)
    assert detached is not None
    assert detached.attach(sample) == jws


@given(st.binary(max_size=80), st.binary(max_size=10))
def test_noise_is_left_alone_or_comes_back(jws: bytes, sample: bytes) -> None:
    detached = detach(jws, sample)
    assert detached is None or detached.attach(sample) == jws
