from __future__ import annotations

import pytest

from sync.gateway.office.paging import ROWS, PageOf


@pytest.mark.parametrize(
    ("text", "number"), [("", 0), ("3", 3), ("-1", 0), ("x", 0), ("1" * 30, 0), ("99999", 200), ("²", 0)]
)
def test_what_is_no_number_is_the_first_page(text: str, number: int) -> None:
    page = PageOf.asked({"lost": text}, "lost")
    assert (page.number, page.first) == (number, number * ROWS)
    assert PageOf.asked({"lost": "3"}).number == 0


def test_one_row_more_than_is_shown_says_that_there_is_more() -> None:
    page = PageOf("page", 1)
    rows = list(range(page.needed))
    shown = page.of(rows)
    assert (len(shown.rows), shown.has_more, shown.number) == (ROWS, True, 1)
    assert not page.of(rows[:-1]).has_more
    assert not PageOf("page", 200).of(rows).has_more
