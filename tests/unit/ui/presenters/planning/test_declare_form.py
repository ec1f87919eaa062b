"""Somebody's word, asked on a form."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.activities import step_of
from support.app_context import Kit
from support.clock import NOW

from fieldkit.domain.errors import InputError
from fieldkit.domain.sop.standing import How
from ui.presenters.planning.declare_form import declare_form


@pytest.fixture
def kit(sop_kit: Kit) -> Kit:
    return sop_kit


def values(kit: Kit, no: int, **texts: str) -> dict[str, str]:
    return {**{each.name: each.text for each in declare_form(kit.context, "x", no).load()}, **texts}


def test_an_outsiders_act_is_kept_with_who_when_why_and_its_file(kit: Kit, tmp_path: Path) -> None:
    letter = tmp_path / "surat.pdf"
    letter.write_bytes(b"%PDF-1.7")
    form = declare_form(kit.context, "x", 1)
    assert values(kit, 1)["who"] == ""  # whoever writes it down is not who did it
    told = values(kit, 1, who="Pak Lurah", why="datang sendiri", file=str(letter))
    with pytest.raises(InputError, match=r"typed\.moment"):
        form.keep({**told, "at": "kemarin"})
    before = kit.clock.local(NOW - timedelta(minutes=40))
    form.keep({**told, "at": before.strftime("%d-%m-%Y %H:%M")})
    now = step_of(kit, 1).now
    assert (now.outsider, now.ended_at, [file.name for file in now.files]) == (
        "Pak Lurah",
        NOW - timedelta(minutes=40),
        ["surat.pdf"],
    )
    assert step_of(kit, 1).how is How.DECLARED


def test_a_decision_is_asked_with_it(kit: Kit) -> None:
    kit.context.office.sop.skip("x", 1, "lisan")
    told = values(kit, 2, why="dicek di kertas", paper="005/7/2026")
    assert (told["who"], told["branch"]) == ("Dewi", "0")
    declare_form(kit.context, "x", 2).keep({**told, "branch": "1"})
    view = step_of(kit, 2)
    assert (len(view.rounds), view.rounds[0].branch) == (2, "kurang")
    assert view.rounds[0].declared is not None
    assert view.rounds[0].declared.letter == "005/7/2026"
