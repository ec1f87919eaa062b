from __future__ import annotations

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.office_bundles import (
    OF_GATEWAY,
    PERSONAL,
    BundleKind,
    BundleStanding,
    OfferedProgram,
    package_of,
    stream_of,
)


def test_versions_are_counted_by_kind_and_name() -> None:
    assert BundleStanding(BundleKind.SOP, "kia").stream == stream_of(BundleKind.SOP, "kia") == "sop/kia"
    assert next(iter(BundleKind)) is BundleKind.REVOCATIONS  # who is shut out is known before anything else


def test_bundles_that_name_people_are_closed_and_the_gateway_makes_its_own() -> None:
    assert {BundleKind.USERS, BundleKind.ACCOUNTS, BundleKind.TARGETS} == PERSONAL
    assert {BundleKind.REVOCATIONS, BundleKind.AUTHORITY, BundleKind.ACCOUNTS} == OF_GATEWAY


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("fieldkit_0.3.0_amd64.deb", ("0.3.0", "deb")),
        ("fieldkit-1.10.2-setup.exe", ("1.10.2", "exe")),
    ],
)
def test_a_package_says_its_version_and_kind(file: str, found: tuple[str, str]) -> None:
    assert package_of(file) == found


@pytest.mark.parametrize(
    "file",
    [
        "fieldkit-gateway_0.3.0_amd64.deb",
        "fieldkit_0.3_amd64.deb",
        "fieldkit_0.3.0_amd64.deb.txt",
        "../fieldkit.deb",
        "",
    ],
)
def test_another_file_is_no_package(file: str) -> None:
    with pytest.raises(InputError, match=r"gateway\.no_package"):
        package_of(file)


def test_versions_are_compared_by_their_numbers() -> None:
    offered = OfferedProgram("0.10.0", "fieldkit_0.10.0_amd64.deb", "ab" * 32, 1)
    assert offered.is_newer_than("0.9.9")
    assert not offered.is_newer_than("0.10.0")
    assert not offered.is_newer_than("1.0.0")
