from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from support.app_context import Kit
from support.handed import distributed, stop
from support.letters import KASI, office
from support.tasks import Steps

from fieldkit.domain.cards.card import CourierState, Place
from fieldkit.domain.errors import InputError
from ui.presenters.cards.distribution import ba_form, failed_form, stop_form


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KASI)
    distributed(kit)
    yield kit
    kit.store.close()


def test_the_ba_is_drafted_and_opened(kit: Kit, steps: Steps) -> None:
    form = ba_form(kit.context, ["card-005", "card-006"])
    assert [field.name for field in form.load()] == ["ba_receiver", "jabatan", "office", "nip"]
    with pytest.raises(InputError, match=r"card\.no_receiver"):
        form.keep({"ba_receiver": " ", "nip": "", "jabatan": "", "office": ""})
    letter = form.keep({"ba_receiver": "Suyatno", "nip": "", "jabatan": "Kepala Desa", "office": "Desa Jimbe"})
    form.go_on(steps, letter)
    assert steps.taken == [("replace", "letter", letter.thing_id)]
    assert kit.context.office.handover.ba_of(["card-006"]) == letter


def test_what_lies_here_can_only_be_tried_again(kit: Kit) -> None:
    form = failed_form(kit.context, ["card-005", "card-006"])
    assert [field.name for field in form.load()] == ["reason"]
    with pytest.raises(InputError, match=r"card\.no_reason") as refused:
        form.keep({"reason": ""})
    assert refused.value.problem.field_name == form.load()[0].name, "the field that is empty is marked"
    form.keep({"reason": "rumah kosong"})
    assert [kit.context.office.handover.get(card).tries for card in ("card-005", "card-006")] == [1, 1]


def test_what_is_in_the_desa_may_come_back(kit: Kit) -> None:
    form = failed_form(kit.context, ["card-001", "card-002"])
    assert form.load()[0].text == "back"
    form.keep({"happened": "back", "reason": "pindah"})
    assert kit.context.office.handover.get("card-002").is_returned


def test_a_courier_tries_twice_and_brings_back(kit: Kit) -> None:
    form = failed_form(kit.context, ["card-012"])
    form.keep({"happened": "tried", "reason": "rumah kosong lagi"})
    assert len(kit.context.office.handover.get("card-012").courier.attempts) == 2
    form.keep({"happened": "back", "reason": "alamat tidak ketemu"})
    card = kit.context.office.handover.get("card-012")
    assert (card.place, card.courier.state) == (Place.DINAS, CourierState.DIKEMBALIKAN)


def test_stops_are_added_and_changed(kit: Kit) -> None:
    kit.context.office.handover.plan_distribution("a1", [stop(kit, 3, "Balai Desa Jimbe")])
    new = stop_form(kit.context, "a1", -1)
    assert {field.name: field.text for field in new.load()}["on"] == "21-11-2026"
    new.keep({"on": "22-11-2026", "to": "kecamatan", "where": "Kademangan", "by": "Rina"})
    assert {field.name: field.text for field in stop_form(kit.context, "a1", 2).load()}["where"] == ""
    assert {field.name: field.text for field in stop_form(kit.context, "a1", 1).load()}["where"] == "Balai Desa Jimbe"
    first = stop_form(kit.context, "a1", 0)
    assert {field.name: field.text for field in first.load()}["where"] == "Kademangan"
    first.keep({"on": "25-11-2026", "to": "desa", "where": "Suruhwadang", "by": "Rina"})
    stops = kit.context.office.handover.distribution("a1").stops
    assert [(each.on, each.where) for each in stops] == [
        (date(2026, 11, 24), "Balai Desa Jimbe"),
        (date(2026, 11, 25), "Suruhwadang"),
    ]
    with pytest.raises(InputError, match=r"typed\.day"):
        new.keep({"on": "kapan-kapan", "to": "desa", "where": "x", "by": ""})
