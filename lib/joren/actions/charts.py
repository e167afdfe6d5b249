"""The pictures of what to do next, drawn in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable

import ibis.expr.types as ir
import pandas as pd
from matplotlib.figure import Figure

from joren.report.figures import COLOURS, format_axis, interval_points, new_figure
from joren.text import format_value, render

Draw = Callable[[str], Figure]
_MOST = 14


def list_name(action: str, language: str) -> str:
    """A list's name as a client reads it."""
    return render(language, f"actions.name.{action}")


def at_stake(lists: pd.DataFrame, currency: str) -> Draw:
    """Value at stake of every list with somebody on it, the largest first and marked.

    Parameters
    ----------
    lists : action, listed, at_stake, at_stake_lower, at_stake_upper
    """
    shown = lists[lists.listed > 0].sort_values("at_stake", ascending=False).head(_MOST)

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=0.9 + 0.3 * len(shown))
        labels = [
            render(
                language, "actions.axis.list", name=list_name(row.action, language), n=row.listed
            )
            for row in shown.itertuples()
        ]
        interval_points(
            axes, labels, shown.at_stake.tolist(), shown.at_stake_lower.tolist(),
            shown.at_stake_upper.tolist(), accent=0,
        )  # fmt: skip
        axes.set_xlim(0, max(shown.at_stake_upper.max() * 1.06, 1))
        format_axis(axes, "x", "money", language, currency)
        axes.set_xlabel(render(language, "actions.axis.at_stake"))
        return figure

    return draw


def hours(staff: pd.DataFrame, currency: str) -> Draw:
    """What one more hour of each store and role would reach, the most first.

    Parameters
    ----------
    staff : store, role, shadow_price, lower, upper; those without hours left out
    """
    order = staff.sort_values(["shadow_price", "store", "role"], ascending=[False, True, True])
    # roles whose hours are worth the same are one row
    cents = order.assign(cents=order.shadow_price.round(2))
    shown = cents.drop_duplicates(["store", "cents"]).head(_MOST)
    alone = ~shown.store.duplicated(keep=False)

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=0.9 + 0.27 * len(shown))
        labels = [
            row.store
            if only
            else render(language, "actions.axis.place", store=row.store, role=row.role)
            for row, only in zip(shown.itertuples(), alone, strict=True)
        ]
        interval_points(
            axes, labels, shown.shadow_price.tolist(), shown.lower.tolist(),
            shown.upper.tolist(), accent=0,
        )  # fmt: skip
        axes.set_xlim(0, max(shown.upper.max() * 1.06, 1))
        format_axis(axes, "x", "money", language, currency)
        axes.set_xlabel(render(language, "actions.axis.hour"))
        return figure

    return draw


def own_hours(times: ir.Table) -> pd.DataFrame:
    """Customers who go by their own moments, by their best hour.

    Parameters
    ----------
    times : table send_times
    """
    own = times.filter(times.own)
    return own.group_by("hour").agg(customers=own.count()).order_by("hour").to_pandas()


def sending(table: pd.DataFrame) -> Draw:
    """Best hours of those who go by their own moments, as bars over the day.

    Parameters
    ----------
    table : hour, customers
    """
    held = table.set_index("hour").customers.reindex(range(24), fill_value=0)

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.2)
        most = int(held.idxmax())
        colours = [COLOURS["accent" if hour == most else "blue"] for hour in held.index]
        axes.bar(held.index, held.to_numpy(), color=colours, width=0.75)
        axes.set_xticks(range(0, 24, 3))
        axes.annotate(
            format_value(int(held[most]), "count", language, ""), (most, held[most]),
            xytext=(0, 3), textcoords="offset points", ha="center", fontsize=8.5,
            color=COLOURS["ink"],
        )  # fmt: skip
        axes.set_ylim(0, held.max() * 1.15)
        format_axis(axes, "y", "count", language)
        axes.set_xlabel(render(language, "actions.axis.clock"))
        axes.set_ylabel(render(language, "actions.axis.customers"))
        return figure

    return draw
