"""What the audit asks of the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class StateLedger(Protocol):
    """Everything that is kept, as digests by key (`fieldkit.domain.delivery.audit`)."""

    def found(self) -> Mapping[str, str]:
        """Return the digest of everything as it stands in the store now, contents of attachments read whole."""
        ...

    def receipts(self) -> Mapping[str, str]:
        """Return the digest of the receipt of each record that has one."""
        ...
