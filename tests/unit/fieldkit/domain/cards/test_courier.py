from __future__ import annotations

import pytest

from fieldkit.domain.cards.courier import (
    MOST_ATTEMPTS,
    CourierState,
    CourierStep,
    courier_message,
    follow,
    step_after,
)
from fieldkit.domain.errors import InputError, RuleError

S = CourierState


WAYS = {
    S.TERDAFTAR: {S.DIPERIKSA},
    S.DIPERIKSA: {S.PERLU_DILENGKAPI, S.DISETUJUI},
    S.PERLU_DILENGKAPI: {S.DIPERIKSA},
    S.DISETUJUI: {S.TTE},
    S.TTE: {S.TERCETAK},
    S.TERCETAK: {S.SIAP_DIAMBIL_KURIR},
    S.SIAP_DIAMBIL_KURIR: {S.DISERAHKAN_KE_KURIR},
    S.DISERAHKAN_KE_KURIR: {S.DIANTAR, S.DIKEMBALIKAN},
    S.DIANTAR: {S.DIANTAR, S.DITERIMA, S.DIKEMBALIKAN},
    S.DIKEMBALIKAN: {S.SIAP_DIAMBIL_KURIR},
}


@pytest.mark.parametrize("state", S)
def test_each_state_leads_on_as_the_sop_says_and_no_step_is_left_out(state: CourierState) -> None:
    for to in S:
        if to in WAYS.get(state, ()):
            assert follow(state, to) is to
        else:
            with pytest.raises(RuleError, match=r"courier\.not_now"):
                follow(state, to)


def test_two_attempts_and_no_third() -> None:
    assert follow(S.DIANTAR, S.DIANTAR, MOST_ATTEMPTS - 1) is S.DIANTAR
    with pytest.raises(RuleError, match=r"courier\.two_attempts"):
        follow(S.DIANTAR, S.DIANTAR, MOST_ATTEMPTS)
    assert follow(S.DIANTAR, S.DIKEMBALIKAN, MOST_ATTEMPTS) is S.DIKEMBALIKAN


def test_what_comes_next_is_said_for_documents_that_stand_alike() -> None:
    assert step_after([None, S.DIKEMBALIKAN]) is CourierStep.READY
    assert step_after([S.SIAP_DIAMBIL_KURIR]) is CourierStep.GIVE
    assert step_after([S.DISERAHKAN_KE_KURIR, S.DIANTAR]) is None
    assert step_after([S.DIANTAR]) is CourierStep.DELIVER
    assert step_after([]) is step_after([S.DITERIMA]) is None


def test_the_message_has_counts_and_numbers_and_says_that_it_is_free() -> None:
    text = courier_message("Dinas Contoh", ["BP-0007", "BP-0009"])
    assert text.splitlines()[:3] == ["Dinas Contoh: 2 dokumen siap diambil.", "1. BP-0007", "2. BP-0009"]
    assert "Gratis" in text


def test_no_number_like_a_nik_leaves_in_a_message() -> None:
    with pytest.raises(InputError, match=r"registration\.like_a_nik"):
        courier_message("Dinas Contoh", ["BP-0007", "3505 1252 0751 0003"])
