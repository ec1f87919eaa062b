from __future__ import annotations


def test_given_addresses_and_limits(context_for):
    context = context_for(addresses={"sbi": ("http://127.0.0.1:4501",)}, only_given=frozenset({"sbi"}))
    assert context.given("sbi") == ("http://127.0.0.1:4501",)
    assert context.given("topaz") == ()
    assert not context.may_search("sbi")
    assert context.may_search("topaz")
