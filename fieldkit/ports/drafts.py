"""Where the store keeps what was typed and not accepted yet: one draft for each form and person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fieldkit.domain.drafts import Draft, DraftName


class Drafts(Protocol):
    """Drafts of all people of this kit; they are erasable and no event tells of them."""

    def put(self, draft: Draft) -> None:
        """Insert or replace the draft that this person has of this form."""
        ...

    def find(self, name: DraftName, owner: str) -> Draft | None:
        """Return what this person typed into a form, None when nothing waits."""
        ...

    def of(self, owner: str) -> Sequence[Draft]:
        """Return all drafts of a person, latest first, without their long values: a photographed paper is not read."""
        ...

    def erase(self, name: DraftName, owner: str) -> None:
        """Forget what this person typed into a form; nothing to forget is no error."""
        ...

    def erase_all_of(self, name: DraftName) -> None:
        """Forget what anybody typed into a form."""
        ...
