"""A sheet counts only once its code was read from the paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import ADMIN

from fieldkit.domain.errors import RuleError
from ui.presenters.people.accounts import recovery_sheet_form
from ui.presenters.presenter import message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, ADMIN, (ADMIN,)) as kit:
        yield kit


def test_no_code_counts_before_a_sheet_was_printed(kit: Kit) -> None:
    form = recovery_sheet_form(kit.context)
    assert form.hint == message("persiapan.sheet_hint")
    with pytest.raises(RuleError, match=r"sheet\.print_first"):
        form.keep({"code": "ABCD"})


def test_it_says_where_a_sheet_that_was_not_printed_lies(kit: Kit) -> None:
    form = recovery_sheet_form(kit.context, "/papers/lembar.pdf")
    assert form.hint == message("persiapan.sheet_saved", path="/papers/lembar.pdf")
