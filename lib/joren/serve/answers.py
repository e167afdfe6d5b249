"""What each picture with filters shows: a sentence, a chart and its table, in both languages.

Values come from the cubes as they stand; a null is a cell that this role may not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from joren.text import LANGUAGES, format_value

Answer = dict[str, Any]
Texts = dict[str, str]
# columns that say a word; the others are numerals
_WORDS = frozenset((
    "month", "day", "segment", "from", "to", "source", "target", "class", "p_end", "id", "due",
    "channel", "arm", "standing", "grade",
))  # fmt: skip
_EDGES = 24
_MOST_MEMBERS = 100


@dataclass(frozen=True)
class Chosen:
    """A question as its answer needs it.

    Parameters
    ----------
    connection : DuckDB, which reads the site's folder only
    source : the cube, as SQL
    values : filter → the value chosen
    content : dashboard.json
    view : its filters with their options
    """

    connection: Any
    source: str
    values: dict[str, str]
    content: dict[str, Any]
    view: dict[str, Any]

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.format(cube=self.source), parameters).fetchall()

    def name(self, kind: str, code: str) -> Texts:
        return self.content["names"][kind].get(code) or dict.fromkeys(LANGUAGES, code)

    def option(self, name: str) -> Texts:
        options = next(f["options"] for f in self.view["filters"] if f["name"] == name)
        return next(one for one in options if one["value"] == self.values[name])

    def say(self, key: str, **values: Texts) -> Texts:
        return {
            lang: self.content["labels"][lang][key].format(
                **{name: value[lang] for name, value in values.items()}
            )
            for lang in LANGUAGES
        }

    def write(self, value: Any, spec: str) -> Texts:
        currency = self.content["report"]["currency"]
        return {lang: format_value(value, spec, lang, currency) for lang in LANGUAGES}

    def answer(self, state: Texts, head: list[str], rows: list[list[Texts]], chart: Any) -> Answer:
        return {
            "state": state,
            "chart": chart,
            "words": [name in _WORDS for name in head],
            "head": {
                lang: [self.content["labels"][lang][f"head_{name}"] for name in head]
                for lang in LANGUAGES
            },
            "rows": {lang: [[cell[lang] for cell in row] for row in rows] for lang in LANGUAGES},
        }


def _bars(kind: str, rows: list[list[Texts]], values: list[Any], label: int, told: int) -> Answer:
    """A chart of one bar a row: its label and its number as the table writes them."""
    return {
        "kind": kind,
        "labels": {lang: [row[label][lang] for row in rows] for lang in LANGUAGES},
        "told": {lang: [row[told][lang] for row in rows] for lang in LANGUAGES},
        "values": [None if value is None else float(value) for value in values],
    }


def activity(q: Chosen) -> Answer:
    """Purchases by month."""
    first, last = sorted((q.values["from"], q.values["to"]))
    found = q.rows(
        "select month, customers, orders, value from {cube} "
        "where month between ? and ? and channel = ? and store = ? and segment = ? order by month",
        first, last, q.values["channel"], q.values.get("store", ""), q.values["segment"],
    )  # fmt: skip
    rows = [
        [q.name("month", month), q.write(customers, "count"), q.write(orders, "count"),
         q.write(value, "money")]
        for month, customers, orders, value in found
    ]  # fmt: skip
    shown = [row for row in found if row[2] is not None]
    state = q.say(
        "state_activity" if len(shown) == len(found) else "state_activity_hidden",
        first=q.name("month", first), last=q.name("month", last),
        channel=_place(q), segment=q.option("segment"),
        orders=q.write(sum(row[2] for row in shown), "count"),
        value=q.write(sum(row[3] for row in shown), "money"),
    )  # fmt: skip
    chart = _bars("columns", rows, [row[3] for row in found], 0, 3)
    return q.answer(state, ["month", "buyers", "orders", "value"], rows, chart)


def _place(q: Chosen) -> Texts:
    """The channel chosen, and the store if one is."""
    channel = q.option("channel")
    if not q.values.get("store"):
        return channel
    store = q.option("store")
    return {"ja": f"{channel['ja']}・{store['ja']}", "en": f"{channel['en']}, {store['en']}"}


def stock(q: Chosen) -> Answer:
    """Customers by segment on a day."""
    preset, day = q.values["preset"], q.values["on"]
    found = q.rows(
        'select segment, customers from {cube} where preset = ? and "on" = ?', preset, day
    )
    counts = dict(found)
    total = counts.pop("", None)
    order = [code for code in q.content["order"][preset] if code in counts]
    rows = [
        [q.name(f"segment:{preset}", code), q.write(counts[code], "count"),
         q.write(counts[code] / total if counts[code] is not None and total else None, "pct")]
        for code in order
    ]  # fmt: skip
    state = q.say(
        "state_stock", preset=q.option("preset"), on=q.option("on"), total=q.write(total, "count")
    )
    chart = _bars("bars", rows, [counts[code] for code in order], 0, 1)
    return q.answer(state, ["segment", "customers", "share"], rows, chart)


def moves(q: Chosen) -> Answer:
    """From which segment to which."""
    preset, comparison = q.values["preset"], q.values["comparison"]
    found = q.rows(
        "select from_segment, to_segment, customers, from_on, to_on from {cube} "
        "where preset = ? and comparison = ? and from_segment != '' and to_segment != '' "
        "order by customers is null, customers desc, from_segment, to_segment",
        preset, comparison,
    )  # fmt: skip
    rows = [
        [q.name(f"segment:{preset}", a), q.name(f"segment:{preset}", b), q.write(n, "count")]
        for a, b, n, _, _ in found
    ]
    moved = [row for row in found if row[0] != row[1]]
    hidden = any(row[2] is None for row in moved)
    begins, ends = (found[0][3], found[0][4]) if found else ("", "")
    state = q.say(
        "state_moves_hidden" if hidden else "state_moves",
        preset=q.option("preset"), first=q.name("day", begins), last=q.name("day", ends),
        moved=q.write(sum(row[2] or 0 for row in moved), "count"),
    )  # fmt: skip
    top = [(row, n[2]) for row, n in zip(rows, found, strict=True) if n[0] != n[1]][:10]
    joined = [[{lang: f"{a[lang]} → {b[lang]}" for lang in LANGUAGES}, n] for (a, b, n), _ in top]
    chart = _bars("bars", joined, [value for _, value in top], 0, 1)
    return q.answer(state, ["from", "to", "customers"], rows, chart)


def expiry(q: Chosen) -> Answer:
    """Points that lapse, by day or month."""
    found = q.rows(
        "select starts_on, customers, points from {cube} "
        "where grain = ? and starts_on != '' order by starts_on",
        q.values["grain"],
    )
    kind = "day" if q.values["grain"] == "day" else "month"
    rows = [
        [q.name(kind, day if kind == "day" else day[:7]), q.write(customers, "count"),
         q.write(points, "count")]
        for day, customers, points in found
    ]  # fmt: skip
    total = sum(points for _, _, points in found if points is not None)
    hidden = any(points is None for _, _, points in found)
    state = q.say(
        "state_expiry_hidden" if hidden else "state_expiry",
        grain=q.option("grain"), points=q.write(total, "count"),
        periods=q.write(len(rows), "count"),
    )  # fmt: skip
    chart = _bars("columns", rows, [points for _, _, points in found], 0, 2)
    return q.answer(state, [kind, "holders", "points"], rows, chart)


def routes(q: Chosen) -> Answer:
    """The widest ways of a group, beside those of another; those of one touchpoint if picked."""
    group, other, picked = q.values["group"], q.values["against"], q.values["touchpoint"]
    found = q.rows(
        "select a.source, a.target, a.customers, a.transitions, a.probability, b.probability "
        "from {cube} as a left join {cube} as b on b.group_name = ? and a.source = b.source "
        "and a.target = b.target where a.group_name = ? and a.customers is not null "
        "and (? = '' or a.source = ? or a.target = ?) "
        f"order by a.transitions desc, a.source, a.target limit {_EDGES}",
        other, group, picked, picked, picked,
    )  # fmt: skip
    rows = [
        [q.name("touchpoint", a), q.name("touchpoint", b), q.write(customers, "count"),
         q.write(transitions, "count"), q.write(share, "pct"), q.write(there, "pct")]
        for a, b, customers, transitions, share, there in found
    ]  # fmt: skip
    nodes = list(dict.fromkeys(code for edge in found for code in edge[:2]))
    touchpoints = [option["value"] for option in q.view["filters"][2]["options"]]
    chart = {
        "kind": "graph",
        "picked": picked,
        "nodes": [
            {"id": code, "name": q.name("touchpoint", code), "column": _column(code),
             "place": touchpoints.index(code) if code in touchpoints else 0}
            for code in nodes
        ],
        "edges": [
            {"from": nodes.index(edge[0]), "to": nodes.index(edge[1]), "size": edge[3],
             "told": row[3]}
            for edge, row in zip(found, rows, strict=True)
        ],
    }  # fmt: skip
    state = q.say(
        "state_routes_picked" if picked else "state_routes",
        group=q.option("group"), other=q.option("against"), touchpoint=q.option("touchpoint"),
        edges=q.write(len(rows), "count"),
    )  # fmt: skip
    head = ["source", "target", "customers", "transitions", "probability", "there"]
    return q.answer(state, head, rows, chart)


def _column(code: str) -> int:
    """Where a touchpoint stands from left to right: before, first order, later, today."""
    if code == "(start)":
        return 0
    if code == "(end)":
        return 4
    if code.startswith("order:first"):
        return 2
    return 3 if code.startswith(("order:", "subscription")) else 1


def worth(q: Chosen) -> Answer:
    """Customers by class of expected value."""
    found = q.rows(
        "select class, customers, ltv, past from {cube} where channel = ? and segment = ?",
        q.values["channel"], q.values["segment"],
    )  # fmt: skip
    total = next((row for row in found if row[0] == ""), ("", None, None, None))
    classes = sorted((row for row in found if row[0] != ""), key=lambda row: int(row[0]))
    rows = [
        [q.name("class", code), q.write(customers, "count"), q.write(ltv, "money"),
         q.write(past, "money")]
        for code, customers, ltv, past in classes
    ]  # fmt: skip
    state = q.say(
        "state_worth", channel=q.option("channel"), segment=q.option("segment"),
        customers=q.write(total[1], "count"), ltv=q.write(total[2], "money"),
    )  # fmt: skip
    chart = _bars("bars", rows, [row[1] for row in classes], 0, 1)
    return q.answer(state, ["class", "customers", "ltv", "past"], rows, chart)


def watch(q: Chosen) -> Answer:
    """Running subscriptions by how likely they end soon."""
    found = q.rows(
        "select class, customers, ends from {cube} where class != '' order by class desc"
    )
    rows = [
        [{lang: f"{10 * int(code)}–{10 * int(code) + 10} %" for lang in LANGUAGES},
         q.write(customers, "count"), q.write(ends, "decimal1")]
        for code, customers, ends in found
    ]  # fmt: skip
    shown = [row for row in found if row[1] is not None]
    state = q.say(
        "state_watch" if len(shown) == len(found) else "state_watch_hidden",
        running=q.write(sum(row[1] for row in shown), "count"),
        ends=q.write(sum(row[2] for row in shown), "decimal1"),
    )  # fmt: skip
    chart = _bars("bars", rows, [row[1] for row in found], 0, 1)
    return q.answer(state, ["p_end", "subscriptions", "ends"], rows, chart)


def effects(q: Chosen) -> Answer:
    """A campaign's effect with its interval and grade: on everybody, then by segment."""
    spec = "money" if q.values["metric"] in ("revenue", "margin", "ltv") else "decimal2"
    found = q.rows(
        "select arm, segment, n, n_control, effect, lower, upper, grade from {cube} "
        "where campaign_id = ? and metric = ? order by arm, segment != 'all', segment",
        q.values["campaign"], q.values["metric"],
    )  # fmt: skip
    arms = {row[0] for row in found}
    rows, points = [], []
    for arm, segment, n, n_control, effect, lower, upper, grade in found:
        name = q.name("effect_segment", segment)
        if len(arms) > 1:
            name = {lang: f"{arm}・{name[lang]}" for lang in LANGUAGES}
        interval = {
            lang: f"{low} – {high}"
            for (lang, low), high in zip(
                q.write(lower, spec).items(), q.write(upper, spec).values(), strict=True
            )
        }
        rows.append([
            name, q.write(effect, spec), interval, q.write(n, "count"),
            q.write(n_control, "count"), dict.fromkeys(LANGUAGES, grade or "–"),
        ])  # fmt: skip
        points.append({"mid": effect, "low": lower, "high": upper, "grade": grade})
    chart = _bars("forest", rows, [point["mid"] for point in points], 0, 1) | {"points": points}
    if not rows:
        state = q.say("state_effects_none", campaign=q.option("campaign"), kpi=q.option("metric"))
    else:
        state = q.say(
            "state_effects", campaign=q.option("campaign"), kpi=q.option("metric"),
            effect=rows[0][1], interval=rows[0][2], grade=rows[0][5],
        )  # fmt: skip
    return q.answer(state, ["segment", "effect", "interval", "n", "control", "grade"], rows, chart)


def members(q: Chosen) -> Answer:
    """Who stands on a list, masked."""
    chosen = q.values["list"]
    ((total,),) = q.rows("select count(*) from {cube} where list_id = ?", chosen)
    found = q.rows(
        "select id, due_on, channel, arm, standing from {cube} where list_id = ? "
        f"order by priority, id limit {_MOST_MEMBERS}",
        chosen,
    )
    rows = [
        [dict.fromkeys(LANGUAGES, masked), q.write(due, "date"), q.name("channel", channel or "–"),
         q.name("arm", arm or "–"), q.name("standing", standing or "–")]
        for masked, due, channel, arm, standing in found
    ]  # fmt: skip
    state = q.say("state_members", list=q.option("list"), total=q.write(total, "count"))
    return q.answer(state, ["id", "due", "channel", "arm", "standing"], rows, None)
