from __future__ import annotations

from fieldkit.domain.office_bundles import OF_GATEWAY, PERSONAL, BundleKind, BundleStanding, stream_of


def test_versions_are_counted_by_kind_and_name() -> None:
    assert BundleStanding(BundleKind.SOP, "kia").stream == stream_of(BundleKind.SOP, "kia") == "sop/kia"
    assert next(iter(BundleKind)) is BundleKind.REVOCATIONS  # who is shut out is known before anything else


def test_bundles_that_name_people_are_closed_and_the_gateway_makes_its_own() -> None:
    assert {BundleKind.USERS, BundleKind.ACCOUNTS, BundleKind.TARGETS} == PERSONAL
    assert {BundleKind.REVOCATIONS, BundleKind.AUTHORITY, BundleKind.ACCOUNTS} == OF_GATEWAY
