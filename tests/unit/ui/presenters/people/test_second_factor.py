from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import Kit
from support.listing import Listing
from support.plans import ADMIN
from support.tasks import SameThread, Steps
from unit.ui.presenters.people.test_set_up import Printer

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.vault.one_time_codes import TotpCodes
from ui.presenters.people.lock import SpareCodeList, second_factor_change_form, second_factor_form
from ui.presenters.presenter import message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, ADMIN, (ADMIN,)) as kit:
        yield kit


def begun(kit: Kit) -> None:
    form = second_factor_form(kit.context)
    secret = kit.context.second_factor.offer().secret
    form.keep({"code": TotpCodes().code_at(secret, int(kit.clock.now().timestamp()) // 30)})
    kit.clock.at += timedelta(minutes=1)


def test_the_key_stands_beside_the_qr_code_and_a_code_typed_back_makes_it_count(kit: Kit) -> None:
    form, steps = second_factor_form(kit.context), Steps()
    assert form.beside is not None
    pages = form.beside.draw(form.beside.read())
    secret = kit.context.second_factor.offer().secret
    spelled = " ".join(secret[at : at + 4] for at in range(0, 32, 4))
    assert (len(pages.pages), pages.note) == (1, message("factor.key", spelled=spelled))
    (field,) = form.load()
    assert (field.name, field.is_secret) == ("code", True)  # a secret is no draft
    with pytest.raises(InputError, match=r"factor\.not_this"):
        form.keep({"code": "12"})
    begun(kit)
    form.go_on(steps, None)
    assert steps.taken == [("replace", "spare_codes")]


def test_the_form_says_when_the_policy_demands_it(kit: Kit) -> None:
    assert second_factor_form(kit.context).hint == message("factor.begin_hint")
    kit.context.second_factor.must_begin = True
    assert second_factor_form(kit.context).hint == message("factor.must")


def test_spare_codes_are_shown_printed_and_left_for_beranda(kit: Kit) -> None:
    begun(kit)
    steps, printer = Steps(), Printer()
    listing = Listing(SpareCodeList(kit.context, steps, printer).screen(), SameThread(), steps)
    columns = listing.presenter.state.columns
    assert [(column.title, column.width) for column in columns] == [(message("factor.spare"), 0), *[("", 240)] * 3]
    shown = [str(cell.words) for row in listing.rows for cell in row.cells if cell.words]
    assert tuple(shown) == kit.context.second_factor.fresh_spares
    listing.press("print")
    assert len(printer.printed) == 1
    listing.press("accept")
    assert steps.taken == [("restart", "home")]


def test_a_code_renews_the_spares_or_ends_the_factor(kit: Kit) -> None:
    begun(kit)
    form, steps, factor = second_factor_change_form(kit.context), Steps(), kit.context.second_factor
    assert [field.name for field in form.load()] == ["act", "code"]
    spares = factor.fresh_spares
    with pytest.raises(VaultError, match=r"factor\.wrong"):
        form.keep({"act": "end", "code": "000000"})
    form.go_on(steps, form.keep({"act": "spares", "code": spares[0]}))
    assert factor.fresh_spares != spares
    form.go_on(steps, form.keep({"act": "end", "code": factor.fresh_spares[0]}))
    assert not factor.standing().is_on
    assert steps.taken == [("replace", "spare_codes"), ("back",)]
