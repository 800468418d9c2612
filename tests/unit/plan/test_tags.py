"""Tags are read alike wherever they stand."""

from __future__ import annotations

import pytest

from skillroute.errors import PlanError
from skillroute.plan._tags import category_of, parse_held, parse_needed, parse_plain


def test_a_tag_without_category_is_a_skill() -> None:
    """``sales`` of an agent and ``skill:sales`` of a queue must meet."""
    assert parse_held("sales") == ("skill:sales", 100)
    assert parse_needed("sales") == ("skill:sales", 1)
    assert parse_plain("sales") == "skill:sales"


def test_levels_are_read() -> None:
    """Who speaks some Polish is not asked for a contract in Polish."""
    assert parse_held("lang:pl=60") == ("lang:pl", 60)
    assert parse_needed("lang:pl>=50") == ("lang:pl", 50)
    assert parse_held("lang:pl = 1") == ("lang:pl", 1)
    assert parse_needed("lang:pl >= 100") == ("lang:pl", 100)


def test_a_category_ends_at_the_first_colon() -> None:
    """Values may come from systems that use colons themselves."""
    assert parse_plain("geo:ru:msk") == "geo:ru:msk"
    assert category_of("geo:ru:msk") == "geo"


@pytest.mark.parametrize(
    "text",
    [
        " ",
        ":",
        "a:",
        ":a",
        "a b",
        "a=",
        "a=x",
        "a=1.5",
        "a=-1",
        "a==1",
        "*",
        "*=5",
        "a,b",
        "дом",
        "a>=",
        "a>=x",
        "",
    ],
)
def test_what_is_no_tag_is_refused(text: str) -> None:
    """A misread tag would never match and nobody would know why."""
    for parse in (parse_held, parse_needed, parse_plain):
        with pytest.raises(PlanError) as caught:
            parse(text)
        assert caught.value.code == "tag_malformed"
        assert caught.value.hint


def test_a_tag_has_at_most_128_characters() -> None:
    """What journals and engines carry is bounded."""
    longest = "a:" + "b" * 126
    assert parse_plain(longest) == longest
    with pytest.raises(PlanError):
        parse_plain(longest + "b")


@pytest.mark.parametrize("level", ["0", "101", "999999999"])
def test_levels_are_1_to_100(level: str) -> None:
    """Else "better than the best" would be possible."""
    for text, parse in ((f"a={level}", parse_held), (f"a>={level}", parse_needed)):
        with pytest.raises(PlanError) as caught:
            parse(text)
        assert caught.value.code == "level_out_of_range"
