from __future__ import annotations

from dataclasses import replace

from support.app_context import TARGETS

from fieldkit.domain.planning.outreach import Target
from ui.presenters.messages import message
from ui.presenters.visits.columns import address, house, person


def lives_at(target: Target, rt: str, village: str) -> Target:
    who = target.biodata
    return replace(target, biodata=replace(who, address=replace(who.address, rt=rt, village=village)))


def test_a_person_is_named_in_full_and_the_nik_is_masked() -> None:
    column = person(lambda target: target)
    assert column.order is not None
    assert (column.cell(TARGETS[1]).words, column.cell(TARGETS[1]).detail) == ("KARTONO WIBOWO", "350512••••••••01")
    assert min(TARGETS, key=column.order).biodata.name == "DIMAS"


def test_houses_of_one_rt_stand_together() -> None:
    homes = [lives_at(TARGETS[0], "002", "JIMBE"), lives_at(TARGETS[1], "001", "JIMBE"), TARGETS[2]]
    column = address(lambda target: target)
    assert column.order is not None
    assert [home.biodata.address.rt for home in sorted(homes, key=column.order)] == ["001", "002", "003"]
    assert column.cell(homes[0]).detail == message("sasaran.place", rt="002", rw="001", village="JIMBE")


def test_houses_stand_in_the_order_of_the_visits() -> None:
    column = house(lambda target: target.house)
    titles = [column.title, house(lambda target: target.house, message("field.place_in_order")).title]
    assert titles == [message("sasaran.house"), message("field.place_in_order")]
    assert column.order is not None
    assert [column.cell(each).words for each in sorted(TARGETS, key=column.order)][:2] == ["1", "2"]
