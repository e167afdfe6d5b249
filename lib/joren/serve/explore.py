"""The dashboard's questions to its kernel: who is worth most, among whom, and every picture's.

What a browser sends is hostile until shown otherwise: a question is places in fixed lists, and the
query's text never changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from joren.text import LANGUAGES, format_value

TARGET = "joren.explore"
ROWS = 20
ORDERS = {
    "value": "ltv_365d desc",
    "return": "p_order_90d desc",
    "overdue": "overdue_ratio desc nulls last",
}

Answer = dict[str, Any]


def parse(
    question: Any, channels: list[str], segments: list[str] | None = None
) -> tuple[str | None, str, str | None]:
    """The channel (None: all), the order and the segment (None: all) a question asks for.

    Parameters
    ----------
    question : what the browser sent; `channel`, `order` and, where there are segments, `segment`
        are places in the lists it was shown
    channels, segments : those there are

    Raises
    ------
    ValueError for anything else than places in range
    """
    segments = segments or []
    if not isinstance(question, dict) or set(question) - {"segment"} != {"channel", "order"}:
        raise ValueError("a question has a channel and an order")
    places = (question["channel"], question["order"], question.get("segment", 0))
    if any(type(place) is not int for place in places):
        raise ValueError("channel, order and segment are places")
    channel, order, segment = places
    if not (
        0 <= channel <= len(channels) and 0 <= order < len(ORDERS) and 0 <= segment <= len(segments)
    ):
        raise ValueError("no such place")
    return (
        None if channel == 0 else channels[channel - 1],
        list(ORDERS)[order],
        None if segment == 0 else segments[segment - 1],
    )


def answer(
    table: Path, channel: str | None, order: str, currency: str, segment: str | None = None
) -> Answer:
    """The summary and first rows, written in both languages.

    Parameters
    ----------
    table : explore.parquet
    channel, segment : customers seen there, None for all
    order : a key of ORDERS
    currency : ISO 4217 code

    Returns
    -------
    count : language → customers, `past` : language → what they have spent,
    rows : language → rows of (id, last order, 90-day probability, LTV, its interval, spent)
    """
    chosen = "(? is null or list_contains(channels, ?)) and (? is null or segment = ?)"
    asked = [channel, channel, segment, segment]
    with connect(table.parent) as connection:
        source = f"from read_parquet($${table}$$) where {chosen}"
        count, past = connection.execute(
            f"select count(*), coalesce(sum(past_value), 0) {source}", asked
        ).fetchone()
        rows = connection.execute(
            "select id, last_ordered_on, p_order_90d, ltv_365d, ltv_365d_lower, ltv_365d_upper, "
            f"past_value {source} order by {ORDERS[order]}, id limit {ROWS}",
            asked,
        ).fetchall()
    return {
        "count": {lang: format_value(count, "count", lang, currency) for lang in LANGUAGES},
        "past": {lang: format_value(past, "money", lang, currency) for lang in LANGUAGES},
        "rows": {lang: [_written(row, lang, currency) for row in rows] for lang in LANGUAGES},
    }


def replier(folder: Path, content: dict[str, Any]) -> Callable[[Any], Answer]:
    """A function from question to answer that never raises: an error would reach the browser.

    Parameters
    ----------
    folder : the site's folder of the run
    content : dashboard.json
    """
    explore, currency = content["explore"], content["report"]["currency"]

    def reply(question: Any) -> Answer:
        from joren.serve import views

        try:
            if isinstance(question, dict) and "view" in question:
                name, chosen = views.parse(question, content.get("views", {}))
                return {"view": name} | views.answer(folder, content, name, chosen)
            if explore is None:
                raise ValueError("this role sees no list of customers")
            segments = [code for code, _ in explore["segments"]]
            channel, order, segment = parse(question, explore["channels"], segments)
            return answer(folder / "explore.parquet", channel, order, currency, segment)
        except ValueError:
            return {"error": True}
        except Exception:
            # a traceback names files of this machine; it stays in the kernel's log
            logging.getLogger("joren.serve").exception("the filter failed")
            return {"error": True}

    return reply


def listen(reply: Callable[[Any], Answer]) -> None:
    """Answer the page's questions on the kernel's comm channel."""
    from comm import get_comm_manager

    def opened(comm: Any, _: Any) -> None:
        comm.on_msg(lambda message: comm.send(reply(message["content"].get("data"))))

    get_comm_manager().register_target(TARGET, opened)


def connect(folder: Path) -> Any:
    """DuckDB that reads this folder and nothing else, whatever the query."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1, "memory_limit": "256MB"})
    connection.execute(f"set allowed_directories=[$${folder}$$]")
    for setting in ("enable_external_access=false", "lock_configuration=true"):
        connection.execute(f"set {setting}")
    return connection


def _written(row: tuple[Any, ...], language: str, currency: str) -> list[str]:
    masked, last, p_order, ltv, lower, upper, past = row

    def money(value: float) -> str:
        return format_value(value, "money", language, currency)

    when = format_value(last, "date", language, currency) if isinstance(last, date) else "–"
    probability = format_value(p_order, "pct", language, currency)
    return [masked, when, probability, money(ltv), f"{money(lower)}–{money(upper)}", money(past)]
