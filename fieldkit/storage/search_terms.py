"""What people type into a search field, as FTS5 queries; quoted, so that nothing typed is an operator."""

from __future__ import annotations

import re

_MASK_HEAD, _MASK_TAIL, _NAME_HEAD = 6, 2, 3  # what the masks of `Nik.masked` and `Biodata.masked_name` leave
_NIK_LENGTH = 16


def prefix_query(text: str) -> str:
    """Return a query for rows that have every word of the text as a beginning, "" for a text without words."""
    return " AND ".join(f'"{word}" *' for word in _words(text))


def masked_query(text: str) -> str:
    """Return a query for the queue, where names and numbers are masked: what is typed in full finds its masked form."""
    words = _words(text)
    if not words:
        return ""
    ways = [f"({prefix_query(text)})"]
    if words[0].isdigit() and len(words[0]) >= _MASK_HEAD:
        digits = words[0]
        tail = f' "{digits[-_MASK_TAIL:]}"' if len(digits) == _NIK_LENGTH else ""
        ways.append(f'masked_nik : ("{digits[:_MASK_HEAD]}"{tail})')
    elif head := " ".join(_words(text.strip()[:_NAME_HEAD])):
        ways.append(f'masked_name : ^ "{head}"')
    return " OR ".join(ways)


def _words(text: str) -> list[str]:
    number = re.sub(r"[ .]", "", text)
    return [number] if number.isdigit() else re.findall(r"[^\W_]+", text)
