from __future__ import annotations

from collections.abc import Callable

import nistitl
import pytest
from support.altered import Genuine

from fieldkit.domain.errors import InputError
from fieldkit.formats.an2 import an2_file, broken_rules, demand_rules
from fieldkit.formats.container import read_container


@pytest.fixture(scope="module")
def content(genuine: Genuine) -> bytes:
    return an2_file(read_container(genuine.content))


def put(kind: int, tag: int, value: str | None, number: int = 0) -> Callable[[nistitl.Message], None]:
    """Give a field another value, or take it away."""

    def change(message: nistitl.Message) -> None:
        part = [part for part in message if part.type == kind][number]
        field = next(field for field in part._fields if field.tag == tag)
        part._fields.remove(field)
        if value is not None:
            part.__iadd__(nistitl.Field(kind, tag, value))

    return change


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (put(1, 2, "0400"), "1.VER 0400"),
        (put(1, 5, "20261341"), "1.DAT 20261341"),
        (put(1, 9, None), "1.TCN None"),
        (put(1, 8, "K01"), "1.ORI K01"),
        (put(14, 4, "short"), "14.SRC short"),
        (put(14, 5, "21-11-2026"), "14.FCD 21-11-2026"),
        (put(14, 6, None), "14.HLL None"),
        (put(14, 11, "WSQ"), "14.CGA WSQ"),
        (put(14, 11, "WSQ20"), "14.CGA WSQ20 is another image"),
        (put(14, 9, "300"), "14.THPS 300"),
        (put(14, 13, "16"), "14.FGP 16"),
        (put(14, 13, "2"), "14.FGP 2 twice"),
        (put(14, 18, None, 9), "14.AMP None"),
        (put(14, 18, "ZZ", 9), "14.AMP ZZ"),
        (put(17, 3, "3"), "17.ELR 3"),
        (put(17, 11, "NONE"), "17.DATA"),
        (put(10, 3, "SCAR"), "10.IMT SCAR"),
        (put(10, 13, None), "10.SAP None"),
    ],
)
def test_a_broken_rule_is_named(content: bytes, change: Callable[[nistitl.Message], None], rule: str) -> None:
    message = nistitl.Message()
    message.parse(content)
    change(message)
    found = list(broken_rules(message.NIST))
    assert len(found) == 1
    assert found[0].startswith(rule)
    with pytest.raises(InputError, match=r"an2\.rule"):
        demand_rules(message.NIST)


def test_signature_pixels_are_counted(content: bytes) -> None:
    message = nistitl.Message()
    message.parse(content)
    part = next(part for part in message if part.type == 8)
    part.value = part.value[:-1]
    assert [rule[:6] for rule in broken_rules(message.NIST)] == ["8.DATA"]


@pytest.mark.parametrize("harm", [lambda c: c[:-7], lambda c: c[:40], lambda c: b"1.001:9", lambda c: c + b"x" * 9])
def test_what_cannot_be_read_is_said(content: bytes, harm: Callable[[bytes], bytes]) -> None:
    assert [rule.split()[0] for rule in broken_rules(harm(content))] == ["unreadable"]
