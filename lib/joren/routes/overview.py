"""Small tables that a reader can take in: common routes, frequent edges, touchpoints and credit."""

from __future__ import annotations

from itertools import pairwise

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.routes.backbone import Backbone
from joren.routes.edges import EVERYBODY
from joren.routes.goal_paths import GOALS
from joren.routes.paths import split
from joren.routes.subscription_flow import ALL
from joren.routes.touchpoints import END, START, label
from joren.text import LANGUAGES, Note, named, note

_ARROW = " → "


def touchpoint_note(name: str) -> Note:
    """A touchpoint in words, in both languages."""
    return named({language: label(name, language) for language in LANGUAGES})


def touchpoint_notes(names: pd.Series) -> pd.Series:
    """Touchpoints in words, as a column of objects: a column of strings would forget languages."""
    return pd.Series([touchpoint_note(name) for name in names], index=names.index, dtype=object)


def route_note(path: str) -> Note:
    """A route in words, in both languages."""
    names = split(path)
    return named({
        language: _ARROW.join(label(name, language) for name in names) for language in LANGUAGES
    })  # fmt: skip


def common_routes(paths: ir.Table, most: int) -> pd.DataFrame:
    """The routes most customers took, the most common first.

    Parameters
    ----------
    paths : from `paths.route_paths`
    most : how many

    Returns
    -------
    path; route (in words); customers; share; converted, churned (shares of them); mean_ltv,
    lower, upper
    """
    everybody = paths.filter(_.group_name == EVERYBODY)
    top = everybody.order_by(ibis.desc("customers"), "path").limit(most).to_pandas()
    return top.assign(
        route=pd.Series([route_note(path) for path in top.path], dtype=object),
        converted=top.converted / top.customers,
        churned=top.churned / top.customers,
    )


def goal_routes(paths: ir.Table, most: int) -> pd.DataFrame:
    """The most common ways to each goal but the order.

    Parameters
    ----------
    paths : from `goal_paths.goal_paths`, among other rows of `route_paths`
    most : how many of each goal

    Returns
    -------
    goal, route (in words); customers; share (of those on a way to the goal); converted (share that
    reached it)
    """
    parts = []
    for goal in GOALS:
        of_goal = paths.filter(_.group_name == f"goal:{goal}")
        top = of_goal.order_by(ibis.desc("customers"), "path").limit(most).to_pandas()
        parts.append(
            top.assign(
                goal=pd.Series([_goal_note(goal)] * len(top), dtype=object),
                route=pd.Series([route_note(path) for path in top.path], dtype=object),
                converted=top.converted / top.customers,
            )
        )
    return pd.concat(parts, ignore_index=True)


def common_changes(changes: pd.DataFrame, names: dict[str, str], most: int) -> pd.DataFrame:
    """The commonest changes of subscriptions, from what to what.

    Parameters
    ----------
    changes : the table `subscription_changes`
    names : product → its name
    most : how many

    Returns
    -------
    the rows with change (its kind in words), before, after (names of products; null where the
    product stays)
    """
    told = changes.to_product.notna() | (changes.days_to.notna() & (changes.product_id != ALL))
    rows = changes[told & (changes.changed > 0)]
    rows = rows.sort_values("changed", ascending=False, kind="stable").head(most)
    kinds = [note(f"flows.changes_kind.{kind}") for kind in rows.kind]
    return rows.assign(
        change=pd.Series(kinds, index=rows.index, dtype=object),
        before=rows.product_id.map(lambda product: names.get(product, product)),
        after=rows.to_product.map(lambda product: names.get(product, product)),
    )


def _goal_note(goal: str) -> Note:
    return note(f"routes.goal_name.{goal.replace(':', '_')}")


def main_way(backbone: Backbone) -> tuple[str, dict]:
    """The widest way from start to end in words: key and facts of its sentence."""
    inner = [node for node in backbone.main if node not in (START, END)]
    narrowest = min(backbone.graph.edges[edge]["transitions"] for edge in pairwise(backbone.main))
    texts = {
        language: _ARROW.join(label(node, language) for node in inner) for language in LANGUAGES
    }
    return "routes.main_way", {"value": narrowest, "way": named(texts)}
