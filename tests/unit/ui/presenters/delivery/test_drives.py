from __future__ import annotations

from fieldkit.ports.backups import Drive
from ui.presenters.delivery.drives import DRIVE, PLACE, drive_words, place_of, stick_fields, with_text
from ui.presenters.messages import message

KINGSTON, OTHER = Drive("/media/KINGSTON", "KINGSTON", 14_000_000_000), Drive("/media/LAIN", "LAIN", None)


def test_the_first_stick_is_chosen_and_a_chosen_one_stays_by_what_it_is() -> None:
    fields = stick_fields((KINGSTON, OTHER), (), (), "hint")
    assert [(field.name, field.text) for field in fields] == [(DRIVE, "0"), (PLACE, "")]
    fields = with_text(fields, DRIVE, "1")
    turned = stick_fields((OTHER, KINGSTON), fields, (KINGSTON, OTHER), "hint")
    assert place_of(turned, (OTHER, KINGSTON)) == "/media/LAIN"
    assert place_of(stick_fields((KINGSTON,), turned, (OTHER, KINGSTON), ""), (KINGSTON,)) == "/media/KINGSTON"


def test_a_folder_that_was_typed_goes_before_until_a_stick_is_chosen() -> None:
    fields = with_text(stick_fields((KINGSTON,), (), (), ""), PLACE, " /mnt/nas ")
    assert place_of(fields, (KINGSTON,)) == "/mnt/nas"
    assert place_of(with_text(fields, DRIVE, "0"), (KINGSTON,)) == "/media/KINGSTON"


def test_without_a_stick_the_field_says_what_to_do() -> None:
    (field,) = stick_fields((), (), (), "hint")
    assert (field.name, field.hint) == (PLACE, message("cadangan.none_plugged"))
    assert place_of((field,), ()) == ""


def test_a_stick_says_its_room_where_it_knows_it() -> None:
    assert drive_words(KINGSTON) == message("cadangan.drive", name="KINGSTON", whole=14, tenth=0)
    assert drive_words(OTHER) == "LAIN"
