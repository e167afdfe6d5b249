"""Edges, groups and signs in words, and the small tables of stage 03 that a reader takes in."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from joren.routes.campaign_routes import ANYWHERE
from joren.routes.churn_signs import EDGE, TOUCHPOINT
from joren.routes.group_compare import OTHERS
from joren.routes.overview import route_note, touchpoint_note
from joren.routes.touchpoints import END, START
from joren.routes.value_charts import edge_label
from joren.routes.worth import PATH
from joren.text import LANGUAGES, Note, has, named, render

_SURE = 0.05  # level of the tests


def edge_note(source: str, target: str) -> Note:
    """An edge in words; an empty source is anywhere."""
    return named({language: edge_label(source, target, language) for language in LANGUAGES})


def edge_notes(rows: pd.DataFrame) -> pd.Series:
    """Edges in words, as a column of objects."""
    pairs = rows[["source_touchpoint", "target_touchpoint"]].itertuples(index=False)
    return pd.Series([edge_note(*pair) for pair in pairs], index=rows.index, dtype=object)


def group_note(name: str) -> Note:
    """A group `dimension:level` in words; `others` are the others of its dimension."""
    if name == OTHERS:
        return named({lang: render(lang, "route_value.others") for lang in LANGUAGES})
    dimension, _sep, level = name.partition(":")
    key = f"route_value.level.{level}"
    known = dimension != "product" or level == "other"

    def words(language: str) -> str:
        what = render(language, f"route_value.dimension.{dimension}")
        which = render(language, key) if known and has(key) else level
        return f"{what}: {which}"

    return named({language: words(language) for language in LANGUAGES})


def sign_note(sign: str) -> Note:
    """A sign in words: a touchpoint, or an edge."""
    return route_note(sign)


def item_note(kind: str, item: str) -> Note:
    """What a row of `route_values` is about, in words."""
    if kind == PATH:
        return route_note(item)
    return touchpoint_note(item) if kind != "first_product" else named(
        dict.fromkeys(LANGUAGES, item)
    )  # fmt: skip


def kind_note(kind: str) -> Note:
    """The kind of a row of `route_values`, in words."""
    return named({lang: render(lang, f"route_value.kind.{kind}") for lang in LANGUAGES})


def best_values(values: pd.DataFrame, most: int, least: int) -> pd.DataFrame:
    """The rows of each kind with the highest LTV, in words.

    Parameters
    ----------
    values : from `worth.route_values`
    most : of each kind; least : customers
    """
    rows = values[values.customers >= least].sort_values(
        ["kind", "ltv_difference", "item"], ascending=[True, False, True]
    )
    rows = rows.groupby("kind", sort=False).head(most)
    pairs = list(rows[["kind", "item"]].itertuples(index=False))
    return rows.assign(
        kind_label=pd.Series([kind_note(k) for k, _i in pairs], index=rows.index, dtype=object),
        label=pd.Series([item_note(k, i) for k, i in pairs], index=rows.index, dtype=object),
    )


def telling_groups(comparisons: pd.DataFrame) -> pd.DataFrame:
    """The surest edge of each group that differs from others, in words; no beginning and no end.

    Parameters
    ----------
    comparisons : with the names of touchpoints
    """
    ends = (comparisons.source_touchpoint == START) | (comparisons.target_touchpoint == END)
    sure = comparisons[(comparisons.p_adjusted < _SURE) & ~ends].copy()
    # the nearer end of the interval, so that the largest of the rare does not lead
    if not len(sure):
        return sure
    sure["least"] = sure[["lower", "upper"]].abs().min(axis=1).where(sure.lower * sure.upper > 0, 0)
    order = ["group_name", "p_adjusted", "least", "source_touchpoint", "target_touchpoint"]
    sure = sure.sort_values(order, ascending=[True, True, False, True, True])
    top = sure.groupby("group_name", sort=True).head(1)
    return top.assign(
        group=pd.Series([group_note(n) for n in top.group_name], index=top.index, dtype=object),
        other=pd.Series([group_note(n) for n in top.beside], index=top.index, dtype=object),
        edge=edge_notes(top),
    )


def groups_apart(comparisons: pd.DataFrame) -> tuple[int, int]:
    """How many comparisons found an edge, and how many there were."""
    smallest = comparisons.groupby("group_name").p_adjusted.min()
    return int((smallest < _SURE).sum()), len(smallest)


def verdict_key(verdict) -> str:
    """The text of a readout without messages: a row of `campaign_routes.verdicts`."""
    return f"route_value.campaign.{'changed' if verdict.p < _SURE else 'unchanged'}"


def differing(p: pd.Series) -> tuple[int, int]:
    """How many adjusted p say that there is a difference, and how many there are."""
    known = p.dropna()
    return int((known < _SURE).sum()), len(known)


def campaign_edges(changes: pd.DataFrame, names: Mapping[str, str], most: int) -> pd.DataFrame:
    """What customers did most surely otherwise in each campaign's time, messages aside, in words.

    Parameters
    ----------
    changes : from `campaign_routes.route_changes`
    names : campaign_id → name
    most : edges a campaign
    """
    rows = changes[changes.routes == "without_messages"]
    order = ["campaign_id", "p_adjusted", "source_touchpoint", "target_touchpoint"]
    rows = rows.sort_values(order).groupby("campaign_id", sort=True).head(most)
    return rows.assign(edge=edge_notes(rows), name=rows.campaign_id.map(names))


def telling_signs(signs: pd.DataFrame, kind: str, most: int) -> pd.DataFrame:
    """The signs of a kind that were ranked first and are told later, in words."""
    rows = signs[(signs.kind == kind) & signs.lift.notna()].nsmallest(most, "place")
    labels = [sign_note(sign) for sign in rows.sign]
    return rows.assign(label=pd.Series(labels, index=rows.index, dtype=object))


def held_signs(signs: pd.DataFrame) -> pd.DataFrame:
    """Signs whose lift is above one in both periods, touchpoints before edges."""
    sure = signs[(signs.lower > 1) & (signs.lower_early > 1)]
    kinds = pd.Categorical(sure.kind, [TOUCHPOINT, EDGE], ordered=True)
    return sure.assign(kind=kinds).sort_values(["kind", "place"])


def surest(verdict, names: Mapping[int, str]) -> Note:
    """The edge of a verdict in words."""
    source = "" if verdict.source == ANYWHERE else names[verdict.source]
    return edge_note(source, names[verdict.target])
