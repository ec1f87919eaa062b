from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import KETUA, PETUGAS, Kit
from support.plans import ADMIN

from fieldkit.documents.letters import TypstSheets
from fieldkit.domain.errors import InputError, KnownError, RuleError, VaultError
from fieldkit.domain.people import Role
from fieldkit.formats.qr import read_qr
from fieldkit.services.people.keep_accounts import KeepSecondFactor
from fieldkit.vault.one_time_codes import TotpCodes


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path) as kit:
        yield kit


def digits(kit: Kit, secret: str, by: int = 0) -> str:
    return TotpCodes().code_at(secret, int(kit.clock.now().timestamp()) // 30 + by)


def begun(kit: Kit, factor: KeepSecondFactor) -> str:
    secret = factor.offer().secret
    factor.begin(digits(kit, secret))
    kit.clock.at += timedelta(minutes=1)
    return secret


def noted(kit: Kit, user: str) -> list[str]:
    with kit.store.read() as unit:
        return [event.kind for event in unit.events.of(user)]


def refused(factor: KeepSecondFactor, typed: str) -> KnownError:
    with pytest.raises(KnownError) as caught:
        factor.admit(typed)
    return caught.value


def test_nobody_is_asked_before_it_is_set_up_and_everybody_after(kit: Kit) -> None:
    factor = kit.context.second_factor
    factor.admit()
    with pytest.raises(InputError, match=r"factor\.not_this"):
        factor.begin("000000")
    assert not factor.standing().is_on
    secret = begun(kit, factor)
    assert factor.standing().is_on
    assert factor.standing().spares_left == len(set(factor.fresh_spares)) == 10
    heard: list[frozenset[str]] = []
    end = kit.store.listen(heard.append)
    assert refused(factor, "  ").code == "factor.wanted"
    assert heard == []  # asking for a code keeps nothing
    end()
    factor.admit(f" {digits(kit, secret)[:3]} {digits(kit, secret)[3:]} ")
    assert refused(factor, digits(kit, secret)).code == "factor.wrong"
    kit.context_of(KETUA).second_factor.admit()  # only whose it is
    assert noted(kit, PETUGAS.user_id) == ["second_factor_begun", "second_factor_refused"]


def test_the_code_on_the_screen_is_the_secret_that_counts(kit: Kit) -> None:
    factor = kit.context.second_factor
    offer = factor.offer()
    assert factor.offer().secret == offer.secret
    assert f"secret={offer.secret}" in read_qr(offer.qr)
    begun(kit, factor)
    assert factor.offer().secret != offer.secret


def test_a_spare_code_lets_in_once_and_is_noted(kit: Kit) -> None:
    factor = kit.context.second_factor
    begun(kit, factor)
    spare = factor.fresh_spares[3]
    factor.admit(spare.lower().replace("-", " "))
    assert refused(factor, spare).code == "factor.wrong"
    assert factor.standing().spares_left == 9
    assert noted(kit, PETUGAS.user_id) == ["second_factor_begun", "spare_code_used", "second_factor_refused"]


def test_wrong_codes_are_counted_in_the_store_and_over_sign_ins(kit: Kit) -> None:
    secret = begun(kit, kit.context.second_factor)
    left = [refused(kit.context_of(PETUGAS).second_factor, "123123").problem.params.get("left") for _ in range(4)]
    assert left == [4, 3, 2, 1]
    locked = refused(kit.context_of(PETUGAS).second_factor, "123123")
    assert (locked.code, locked.problem.params) == ("factor.locked_out", {"minutes": 1})
    assert refused(kit.context_of(PETUGAS).second_factor, digits(kit, secret)).code == "factor.locked_out"
    kit.clock.at += timedelta(minutes=1)
    kit.context_of(PETUGAS).second_factor.admit(digits(kit, secret))
    assert refused(kit.context_of(PETUGAS).second_factor, "123123").problem.params == {"left": 4}


def test_a_clock_that_was_far_ahead_locks_nobody_out_once_it_is_mended(kit: Kit) -> None:
    secret = begun(kit, kit.context.second_factor)
    right = kit.clock.at
    kit.clock.at += timedelta(days=400)
    for _ in range(5):
        refused(kit.context_of(PETUGAS).second_factor, "123123")
    kit.clock.at = right
    assert refused(kit.context_of(PETUGAS).second_factor, "").problem.params == {"minutes": 1}
    kit.clock.at += timedelta(minutes=1)
    kit.context_of(PETUGAS).second_factor.admit(digits(kit, secret))


def test_whoever_finds_the_program_open_puts_no_other_factor_in_its_place(kit: Kit) -> None:
    factor = kit.context.second_factor
    secret = begun(kit, factor)
    with pytest.raises(RuleError, match=r"factor\.is_on"):
        factor.begin(digits(kit, factor.offer().secret))
    factor.admit(digits(kit, secret))


def test_new_spares_end_the_old_ones_and_the_end_needs_a_code(kit: Kit) -> None:
    factor = kit.context.second_factor
    begun(kit, factor)
    old = factor.fresh_spares
    factor.renew_spares(old[0])
    assert not set(old) & set(factor.fresh_spares)
    assert refused(factor, old[1]).code == "factor.wrong"
    with pytest.raises(VaultError, match=r"factor\.wrong"):
        factor.end("000000")
    factor.end(factor.fresh_spares[0])
    assert not factor.standing().is_on
    factor.admit()
    with pytest.raises(RuleError, match=r"factor\.none"):
        factor.end("000000")


def test_the_policy_demands_it_of_a_role(kit: Kit) -> None:
    units = kit.context.office.units
    demanded = frozenset({Role.PETUGAS_PEREKAMAN})
    factor = KeepSecondFactor(units, TotpCodes(), TypstSheets(), "KIT-07", "Dinas Uji", demanded)
    factor.admit()
    assert factor.must_begin
    assert factor.standing().is_demanded
    begun(kit, factor)
    assert not factor.must_begin
    with pytest.raises(RuleError, match=r"factor\.demanded"):
        factor.end(factor.fresh_spares[0])


def test_another_admin_resets_it_and_the_log_says_so(kit: Kit) -> None:
    secret = begun(kit, kit.context.second_factor)
    accounts = kit.context_of(ADMIN).accounts
    assert accounts.with_second_factor() == {PETUGAS.user_id}
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        kit.context_of(KETUA).accounts.reset_second_factor(PETUGAS.user_id)
    accounts.reset_second_factor(PETUGAS.user_id)
    assert accounts.with_second_factor() == frozenset()
    kit.context.second_factor.admit()
    assert noted(kit, PETUGAS.user_id)[-1] == "second_factor_reset"
    begun(kit, kit.context.second_factor)
    accounts.remove(PETUGAS.user_id)
    kit.context.second_factor.admit()  # who comes back under the same name begins anew
    with kit.store.read() as unit:
        log = "".join(str(event.payload) for event in unit.events.all())
    assert secret not in log


def test_the_sheet_tells_the_codes_of_this_session(kit: Kit) -> None:
    factor = kit.context.second_factor
    begun(kit, factor)
    assert factor.spare_sheet().pdf.startswith(b"%PDF")
