"""What kits of one team tell each other through the gateway, which cannot read it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sync.protocol.messages import Der, KitId, Message, Sha256Hex

MOST_POST_BYTES = 32 * 1024 * 1024

ObjectId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
_Size = Annotated[int, Field(gt=0, le=MOST_POST_BYTES)]


class TeamMember(Message):
    """Another kit of the team; `recipient` is a `RecipientWord` as JWS of the key that the certificate names."""

    kit: KitId
    certificate: Der
    recipient: Annotated[str, Field(max_length=16384)]


class Waiting(Message):
    """A sealed bundle that another kit posted for the asking one."""

    object_id: ObjectId
    sender: KitId
    sha256: Sha256Hex
    size_bytes: _Size


class TeamAnswer(Message):
    """The team as it is now, and what waits for the asking kit."""

    members: tuple[TeamMember, ...] = ()
    waiting: tuple[Waiting, ...] = ()


class Posting(Message):
    """A sealed bundle whose bytes follow; it replaces what these kits have not fetched yet of the sender's."""

    object_id: ObjectId
    to: Annotated[tuple[KitId, ...], Field(min_length=1, max_length=200)]
    sha256: Sha256Hex
    size_bytes: _Size


class Fetched(Message):
    """Says that the asking kit has read a bundle, or never will."""

    object_id: ObjectId


class Nothing(Message):
    """Asks or answers without saying anything."""
