from __future__ import annotations

from ui.widgets.column_widths import Need, shared


def test_where_all_have_enough_nothing_changes() -> None:
    assert shared(600, (200, 0, 200), (Need(50, 100, 150), Need(50, 100, 400), Need(50, 100, 150))) is None


def test_who_has_more_than_it_likes_gives_to_who_lacks() -> None:
    needs = Need(50, 100, 150), Need(50, 120, 300), Need(150, 150, 150)
    assert shared(600, (400, 0, 150), needs) == [150, 300, 150]


def test_what_is_over_goes_to_who_takes_the_rest() -> None:
    assert shared(700, (600, 0), (Need(50, 100, 150), Need(50, 120, 300))) == [150, 550]


def test_between_least_and_liked_all_share() -> None:
    assert shared(300, (250, 0), (Need(50, 100, 200), Need(50, 100, 200))) == [150, 150]


def test_tags_stay_whole_before_words_are_read_easily() -> None:
    assert shared(300, (200, 0), (Need(200, 200, 200), Need(60, 120, 300))) == [200, 100]


def test_where_not_even_heads_and_tags_have_room_the_table_is_wider_than_its_room() -> None:
    assert shared(100, (80, 0), (Need(100, 100, 200), Need(90, 100, 200))) == [100, 90]


def test_nothing_is_cut_where_another_column_has_room_to_give() -> None:
    needs = Need(50, 100, 150), Need(50, 100, 250), Need(50, 50, 100)
    assert shared(600, (200, 0, 200), needs) == [150, 350, 100]
    assert shared(600, (150, 0, 150), needs) is None
