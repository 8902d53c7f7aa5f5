"""What a recipe says and does, without any model."""

from __future__ import annotations

from typing import Any

import pytest

from attacks.recipe import FOUND, Recipe, Way


class Ways(Way):
    BARE = "bare", "Without any disguise"
    MASKED = "masked", "With a mask"


class Alone(Way):
    BARE = "bare", "Without any disguise"


def recipe(ways=Ways, **more):
    words: dict[str, Any] = {"title": "Somebody else", "teaser": "Somebody else comes.", "needs": "Nothing."}
    made = {"make": lambda target, way, seed: (target, way, seed), **more}
    return Recipe(order=1, code="impostor", group="impostor", ways=ways, **words, **made)


def test_a_way_is_its_code_and_has_words():
    assert [str(way) for way in Ways] == ["bare", "masked"]
    assert Ways("masked") is Ways.MASKED  # type: ignore[call-arg]  # mypy takes __new__ for how a member is looked up
    assert str(Ways.MASKED) == "masked"
    assert Ways.MASKED.words == "With a mask"


def test_a_way_is_said_where_there_is_a_choice():
    assert recipe().way("masked") == "With a mask"
    assert recipe(Alone).way("bare") == ""


def test_what_comes_before_is_done_before_it_is_made_and_hands_over_its_target():
    told = []

    def before(target, way, seed, bank):
        told.append((target, way, seed, bank))
        return f"{target} with what was recorded"

    made = recipe(before=before).begin("Anna", "masked", 3, "bank")
    assert told == [("Anna", Ways.MASKED, 3, "bank")]
    assert made == ("Anna with what was recorded", Ways.MASKED, 3)
    assert recipe().begin("Anna", "bare", 4, "bank") == ("Anna", Ways.BARE, 4)


def test_a_way_that_there_is_not_is_told_with_those_that_there_are():
    with pytest.raises(ValueError, match="expected one of bare, masked; got 'gold'"):
        recipe().begin("Anna", "gold", 1, "bank")


def test_people_are_told_what_they_wait_for_only_where_something_comes_before():
    made = recipe(waiting={Ways.MASKED: "The mask is bought"})
    assert (made.waits("masked"), made.waits("bare")) == ("The mask is bought", "")


def test_unless_it_says_more_its_making_begins_and_ends_with_the_photo():
    assert recipe().steps(Ways.BARE) == (FOUND,)
