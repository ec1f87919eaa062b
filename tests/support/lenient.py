"""A data center whose policy lets a petugas except everything alone, as the smallest records do."""

from __future__ import annotations

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.database import GatewayContext
from sync.gateway.down.publishing import Addressed, Publishing

LENIENT = b"exception_ink: nobody\nexceptions_alone: 13\n"


def be_lenient(context: GatewayContext) -> None:
    """Publish that policy for every kit."""
    Publishing(context).publish(BundleKind.POLICY, "", LENIENT, Addressed())
