from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, PETUGAS, Kit
from support.drafts import filled
from support.plans import ADMIN

from fieldkit.domain.errors import InputError, KnownError, RuleError
from fieldkit.domain.people import Role
from ui.presenters.form import Form
from ui.presenters.people.accounts import REMOVE, account_again_form, account_end_form, new_account_form

NEW = "kunci lemari besi"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, ADMIN)
    yield kit
    kit.store.close()


def keep(form: Form, **typed: str) -> object:
    return form.keep({field.name: field.text for field in form.load()} | typed)


def test_somebody_new_gets_an_account(kit: Kit) -> None:
    form = new_account_form(kit.context)
    keep(form, user_id="sri", name="Sri Lestari", role="loket", new=NEW, again=NEW, pin="135790")
    account = next(each for each in kit.accounts.everybody() if each.user.user_id == "sri")
    assert (account.user.name, account.user.role) == ("Sri Lestari", Role.LOKET)
    assert (kit.accounts.passphrases["sri"], kit.accounts.pins["sri"]) == (NEW, "135790")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"role": "", "user_id": "sri", "name": "Sri"}, "role"),
        ({"user_id": "S r", "name": "Sri"}, "user_id"),
        ({"user_id": "sri"}, "name"),
        ({"user_id": "u2", "name": "Sri"}, "user_id"),
        ({"user_id": "sri", "name": "Sri", "new": NEW}, "again"),
        ({"user_id": "sri", "name": "Sri", "new": "x", "again": "x"}, "new"),
    ],
)
def test_what_is_wrong_stands_at_its_field(kit: Kit, typed: dict[str, str], field: str) -> None:
    with pytest.raises(KnownError) as caught:
        keep(new_account_form(kit.context), **({"role": "loket"} | typed))
    assert caught.value.problem.field_name == field


def test_a_new_start_may_bring_another_role(kit: Kit) -> None:
    form = account_again_form(kit.context, KETUA.user_id)
    assert form.load()[0].text == "ketua_tim"
    keep(form, role="kasi", new=NEW, again=NEW)
    assert kit.accounts.passphrases[KETUA.user_id] == NEW
    assert Role.KASI in [each.user.role for each in kit.accounts.everybody()]


def test_an_account_ends_with_its_reason(kit: Kit) -> None:
    with pytest.raises(InputError, match=r"account\.no_reason"):
        keep(account_end_form(kit.context, PETUGAS.user_id))
    keep(account_end_form(kit.context, PETUGAS.user_id), reason="pindah tugas")
    assert [each.user for each in kit.accounts.everybody() if each.is_disabled] == [PETUGAS]
    keep(account_end_form(kit.context, PETUGAS.user_id), act=REMOVE, reason="pindah tugas")
    assert PETUGAS not in [each.user for each in kit.accounts.everybody()]


def test_others_are_told_whose_it_is(kit: Kit) -> None:
    context = kit.context_of(PETUGAS)
    for form in (
        *(new_account_form(context), account_again_form(context, KETUA.user_id)),
        account_end_form(context, KETUA.user_id),
    ):
        assert form.load() == ()
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            form.keep({})


def test_a_passphrase_is_no_draft(kit: Kit) -> None:
    presenter = filled(kit.context, new_account_form(kit.context), name="Sri Lestari", new=NEW, again=NEW, pin="135790")
    assert presenter.typed() == {"name": "Sri Lestari"}
