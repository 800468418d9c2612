"""The words of a plan: the model, the numbers and the strategies say the same."""

from __future__ import annotations

from typing import get_args

import pytest

from skillroute.plan import model_types, names
from skillroute.reference.strategies import STRATEGIES


@pytest.mark.parametrize(
    ("type_name", "words"),
    [
        ("Line", names.LINES),
        ("Login", names.LOGINS),
        ("Order", names.STRATEGIES),
        ("RoundEnd", names.ROUND_ENDS),
        ("WrapUp", names.WRAP_UPS),
    ],
)
def test_a_type_of_the_model_has_the_words_of_the_numbers(
    type_name: str, words: tuple[str, ...]
) -> None:
    """A word that only one of them knows could be written and not be run."""
    assert words == get_args(getattr(model_types, type_name))


def test_a_queue_names_an_order_or_a_way_to_ring() -> None:
    """One key says both, so no word may mean two things."""
    one, *several = names.RINGINGS
    assert "one" == one
    ways = tuple(f"ring_{way}" for way in several)
    assert (*names.STRATEGIES, *ways) == get_args(model_types.Strategy)


def test_every_order_is_a_strategy_of_the_specification() -> None:
    """A number without a rule would be found by the first call."""
    assert set(names.STRATEGIES) == set(STRATEGIES)
