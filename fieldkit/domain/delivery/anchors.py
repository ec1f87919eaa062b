"""Anchors of the event log: heads of chains that somebody else holds too, so that an insider cannot rewrite them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fieldkit.domain.events import ChainHead as ChainHead

ANCHOR_TYP = "fieldkit-anchor+jwt"  # the `typ` of an anchor's JWS


class AnchorSource(StrEnum):
    """Who holds an anchor beside the store."""

    KIT = "kit"
    RECORD = "record"
    CENTER = "center"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head that was signed by this kit (`jws`) and is held by `source`."""

    chain: str
    sequence: int
    digest: str
    at: datetime
    source: AnchorSource
    jws: str
