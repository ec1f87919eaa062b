from __future__ import annotations

import pytest
from support.signing import HEAD, LETTER, client, service

from drivers.simulators.bsre import Fault
from fieldkit.domain.errors import SigningError
from fieldkit.ports.vault import Appearance


def test_it_counts_what_was_asked_and_forgets_a_fault_after_it_happened() -> None:
    with service() as bsre:
        bsre.arm(Fault.ERROR_500)
        with pytest.raises(SigningError):
            client(bsre).account("1")
        assert client(bsre).account("1").message == "User tidak terdaftar"
        assert bsre.asked == ["/api/v2/user/check/status"] * 2


def test_who_does_not_sign_in_is_refused() -> None:
    with service() as bsre, pytest.raises(SigningError, match=r"tte\.service_login"):
        client(bsre, secret="salah").sign_pdf(LETTER, HEAD, Appearance())


def test_it_stops_while_a_question_hangs() -> None:
    with service() as bsre:
        bsre.arm(Fault.NO_ANSWER)
        with pytest.raises(SigningError):
            client(bsre, answer_s=0.05).account("1")
