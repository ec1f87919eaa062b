from __future__ import annotations

from fieldkit.domain.office_bundles import PERSONAL, BundleKind, BundleStanding, stream_of


def test_versions_are_counted_by_kind_and_name() -> None:
    assert BundleStanding(BundleKind.SOP, "kia").stream == stream_of(BundleKind.SOP, "kia") == "sop/kia"
    assert next(iter(BundleKind)) is BundleKind.REVOCATIONS  # who is shut out is known before anything else
    assert BundleKind.USERS in PERSONAL
