from __future__ import annotations

from dataclasses import replace

from support.app_context import Kit
from support.tasks import Steps

from ui.presenters.lists import Listed
from ui.presenters.parts import Empty
from ui.presenters.presenter import message
from ui.presenters.visits.messages import FieldList

NOBODY: Listed[str] = Listed("", "", None, "", ())


def test_the_activity_of_the_day_is_known_once_it_is_read(kit: Kit) -> None:
    field = FieldList(kit.context, Steps())
    assert (field._at, field._no_day) == ("", message("beranda.no_activity"))
    assert field._nothing(NOBODY) == Empty.of("beranda.no_activity")
    assert (field._where(NOBODY), field._matching("siti")) == ("", frozenset())
    assert len(field._found(2).targets) == 2
    assert (field._at, field._no_day) == ("a1", "")
    assert field._nothing(NOBODY) == Empty.of("sasaran.empty")
    assert field._where(replace(NOBODY, everything="ab")) == message(
        "common.place_and_targets", place="Desa Jimbe", targets=2
    )
    assert field._matching("kart wibo") == {"t2"}
