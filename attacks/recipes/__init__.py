"""The attacks that can be tried, one file each; a file that is put here is an attack of the list.

Each defines its words, its ways and how it is made as a `attacks.recipe.Recipe` by the name of ``RECIPE``. Listing them
loads no models and no OpenCV: pages show the list at once. So a recipe imports what makes it where it makes it.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from attacks.recipe import Recipe


def _found() -> tuple[Recipe[Any], ...]:
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    recipes: list[Recipe[Any]] = [module.RECIPE for module in modules]
    codes = [recipe.code for recipe in recipes]
    if twice := {code for code in codes if codes.count(code) > 1}:
        raise ValueError(f"{__name__}: expected a code of its own in each recipe, found twice: {', '.join(twice)}.")
    return tuple(sorted(recipes, key=lambda recipe: (recipe.order, recipe.code)))


ATTACKS = _found()
"""All of them, in the order to show them."""
