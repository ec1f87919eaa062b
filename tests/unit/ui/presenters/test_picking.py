from __future__ import annotations

from fieldkit.formats.rules import load_tables
from ui.presenters.parts import Choice
from ui.presenters.picking import Picks, Recent, marital_statuses, matching, offered, sexes
from ui.presenters.presenter import Message

JOBS = tuple(Choice(str(code), wording, str(code)) for code, wording in load_tables().tables["pekerjaan"].items())


def say(words: Message) -> str:
    return str(words)


def found(typed: str, recent: tuple[str, ...] = ()) -> list[str]:
    return [str(choice.words) for choice in matching(JOBS, typed, recent, say)]


def test_a_part_of_any_word_finds_and_words_that_begin_so_come_first() -> None:
    assert len(JOBS) == 89
    assert "WIRASWASTA" in found("swas")
    farmers = found("tani")
    assert "PETANI/PEKEBUN" in farmers
    begun = found("pe ne")
    assert all("pe" in each.casefold() and "ne" in each.casefold() for each in begun)
    assert begun.index("PENELITI") < len(begun)
    firsts = [any(word.startswith("guru") for word in each.casefold().split()) for each in found("guru")]
    assert firsts == sorted(firsts, reverse=True)


def test_the_code_finds_as_well_and_nothing_typed_shows_all() -> None:
    assert "WIRASWASTA" in found("88")
    assert len(found(" ")) == 89
    assert found("zzz") == []


def test_what_was_picked_lately_comes_first() -> None:
    recent = Recent()
    for code in ("9", "88", "9"):
        recent.note("occupation", code)
    assert (recent.of("occupation"), recent.of("education")) == (("9", "88"), ())
    lately = [choice.name for choice in matching(JOBS, "", recent.of("occupation"), say)]
    assert (lately[:3], len(lately)) == (["9", "88", "1"], 89)


def test_what_was_picked_before_stands_behind_and_goes_with_the_person() -> None:
    recent, kept = Recent(), list[Picks]()
    recent.keep = kept.append
    recent.note("staff", "s2")
    recent.remember({"staff": ("s1", "s2"), "village": ("Jimbe",)})
    assert (recent.of("staff"), recent.of("village")) == (("s2", "s1"), ("Jimbe",))
    for at in range(20):
        recent.note("staff", f"s{at}")
    assert len(recent.of("staff")) == 8
    assert kept[-1] == {"staff": recent.of("staff"), "village": ("Jimbe",)}
    recent.forget()
    recent.note("staff", "s9")
    assert (recent.of("staff"), recent.of("village"), len(kept)) == (("s9",), (), 21)


def test_names_are_offered_once_and_nothing_is_no_name() -> None:
    assert offered(["Jimbe", "", "Dawuhan"]) == (Choice("Jimbe", "Jimbe"), Choice("Dawuhan", "Dawuhan"))


def test_legal_facts_have_the_same_choices_in_every_form() -> None:
    assert [choice.name for choice in sexes()] == ["L", "P"]
    assert [choice.name for choice in marital_statuses()] == ["1", "2", "3", "4"]
