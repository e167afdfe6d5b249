"""The dashboard's pictures with filters: what may be asked of each, and who answers.

A question is the name of a picture and one place in each of its lists of choices. Whatever else a
browser sends is refused, so no text of a browser ever reaches a query.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from joren.serve import answers
from joren.serve.answers import Answer, Chosen

# picture → (the page it stands on, its cube, who answers); in the order of a page
VIEWS: dict[str, tuple[str, str, Callable[[Chosen], Answer]]] = {
    "activity": ("overview", "activity", answers.activity),
    "stock": ("customers", "stock", answers.stock),
    "moves": ("customers", "moves", answers.moves),
    "expiry": ("points", "expiry", answers.expiry),
    "routes": ("routes", "routes", answers.routes),
    "worth": ("ltv", "worth", answers.worth),
    "watch": ("ltv", "watch", answers.watch),
    "effects": ("campaigns", "effects", answers.effects),
    "members": ("actions", "members", answers.members),
}


def parse(question: Any, views: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The picture asked for and the value chosen in each of its filters.

    Parameters
    ----------
    question : what the browser sent: `view` and a place for every filter
    views : dashboard.json's, name → filters with their options

    Raises
    ------
    ValueError for anything else
    """
    name = question.get("view") if isinstance(question, dict) else None
    if not isinstance(name, str) or name not in views:
        raise ValueError("no such picture")
    filters = views[name]["filters"]
    if set(question) != {"view", *(one["name"] for one in filters)}:
        raise ValueError("a question has one place for every filter")
    chosen = {}
    for one in filters:
        place = question[one["name"]]
        if type(place) is not int or not 0 <= place < len(one["options"]):
            raise ValueError("no such place")
        chosen[one["name"]] = one["options"][place]["value"]
    return name, chosen


def answer(folder: Path, content: dict[str, Any], name: str, chosen: dict[str, str]) -> Answer:
    """What a picture shows for the values chosen.

    Parameters
    ----------
    folder : the site's folder of the run
    content : dashboard.json: labels, names, views, currency
    name, chosen : from `parse`
    """
    from joren.serve.explore import connect

    with connect(folder) as connection:
        _, cube, write = VIEWS[name]
        source = f"read_parquet($${folder / f'{cube}.parquet'}$$)"
        return write(Chosen(connection, source, chosen, content, content["views"][name]))


def first_choice(view: dict[str, Any]) -> dict[str, str]:
    """The values a picture opens with."""
    return {one["name"]: one["options"][one["start"]]["value"] for one in view["filters"]}
