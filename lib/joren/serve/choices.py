"""What may be chosen in each filter, and what everything is called; found once a run."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from joren.serve import names
from joren.serve.cubes import VALUE_CLASSES
from joren.serve.views import VIEWS, answer, first_choice
from joren.text import LANGUAGES, format_value

Texts = dict[str, str]


def add_views(content: dict[str, Any], folder: Path, tables: Path, made: list[str]) -> None:
    """Add `views`, `names` and `order` to dashboard.json's content, with every first answer.

    Parameters
    ----------
    content : report and labels
    folder : the site's folder with its cubes
    tables : the run's open tables, for the campaigns' names
    made : the cubes there are
    """
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:

        def values(cube: str, column: str) -> list[str]:
            source = f"from read_parquet($${folder / f'{cube}.parquet'}$$)"
            query = f'select distinct "{column}" {source} where "{column}" is not null order by 1'
            return [str(value) for (value,) in connection.execute(query).fetchall()]

        content["order"] = _segments(made, values)
        content["names"] = _names(content, made, values)
        titles = _campaigns(connection, tables)
        views = {
            name: {"page": page, "filters": _filters(name, content, values, titles)}
            for name, (page, cube, _) in VIEWS.items()
            if cube in made
        }
    content["views"] = {}
    for name, view in views.items():
        content["views"][name] = view
        view["first"] = answer(folder, content, name, first_choice(view))


def _filters(name: str, content: dict[str, Any], values: Any, titles: dict[str, Texts]):
    labels, called = content["labels"], content["names"]

    def own(key: str) -> Texts:
        return {lang: labels[lang][key] for lang in LANGUAGES}

    def listed(filter_name: str, codes: list[str], said: Any, start: int = 0, every: str = ""):
        options = [{"value": code} | said(code) for code in codes if code or not every]
        if every:
            options.insert(0, {"value": ""} | own(every))
        start = start % max(len(options), 1)
        return {"name": filter_name, "options": options, "start": start}

    def joren(code: str) -> Texts:
        return called["segment:joren"].get(code) or names.segment("joren", code)

    if name == "activity":
        months = [month for month in values(name, "month") if month]
        said = called["month"].__getitem__
        stores = [code for code in values(name, "store") if code]
        found = [
            listed("from", months, said, max(0, len(months) - 12)),
            listed("to", months, said, -1),
            listed("channel", values(name, "channel"), names.channel, every="all_channels"),
            listed("store", stores, names.store, every="all_stores"),
            listed("segment", values(name, "segment"), joren, every="all_segments"),
        ]
        # where no order names a store there is nothing to choose
        return found if set(stores) != {"none"} else [*found[:3], found[4]]
    if name == "stock":
        days = values(name, "on")
        presets = list(content["order"])
        return [
            listed("preset", presets, names.preset),
            listed("on", days, called["day"].__getitem__, -1),
        ]
    if name == "moves":
        spans = [
            span for span in ("month", "quarter", "year") if span in values(name, "comparison")
        ]
        return [
            listed("preset", list(content["order"]), names.preset),
            listed("comparison", spans, lambda span: own(f"span_{span}")),
        ]
    if name == "expiry":
        grains = values(name, "grain")
        # the months first: the cliff is seen in them
        return [listed("grain", grains, lambda grain: own(f"grain_{grain}"), -1)]
    if name == "routes":
        groups = values(name, "group_name")
        groups = ["all", *(code for code in groups if code != "all")]
        touchpoints = sorted({*values(name, "source"), *values(name, "target")})
        called_so = called["touchpoint"].__getitem__
        return [
            listed("group", groups, names.group),
            listed("against", groups, names.group),
            listed("touchpoint", touchpoints, called_so, every="all_touchpoints"),
        ]
    if name == "worth":
        return [
            listed("channel", values(name, "channel"), names.channel, every="all_first_channels"),
            listed("segment", values(name, "segment"), joren, every="all_segments"),
        ]
    if name == "effects":
        campaigns = values(name, "campaign_id")
        plain = {code: titles.get(code) or dict.fromkeys(LANGUAGES, code) for code in campaigns}
        metrics = values(name, "metric")
        first = metrics.index("orders") if "orders" in metrics else 0
        return [
            listed("campaign", campaigns, plain.__getitem__, -1),
            listed("metric", metrics, names.metric, first),
        ]
    if name == "members":
        return [listed("list", values(name, "list_id"), names.list_name)]
    return []


def _segments(made: list[str], values: Any) -> dict[str, list[str]]:
    """Preset → its segments, in the order of its catalog; Joren's own first."""
    found: dict[str, list[str]] = {}
    for cube, column in (("stock", "segment"), ("moves", "to_segment")):
        if cube in made:
            for preset in sorted(values(cube, "preset"), key=lambda code: (code != "joren", code)):
                codes = [code for code in values(cube, column) if code]
                known = _catalog_order(preset)
                mine = [code for code in known if code in codes]
                found.setdefault(preset, mine or codes)
    return found


def _catalog_order(preset: str) -> list[str]:
    from ruamel.yaml import YAML

    from joren.text import catalog_path

    path = catalog_path("ja", "segments")
    text = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return [str(code) for code in text.get("name", {}).get(preset, {})]


def _names(content: dict[str, Any], made: list[str], values: Any) -> dict[str, dict[str, Texts]]:
    report = content["report"]

    def written(code: str, spec: str) -> Texts:
        day = date.fromisoformat(code if len(code) == 10 else f"{code}-01")
        return {lang: format_value(day, spec, lang, report["currency"]) for lang in LANGUAGES}

    def own(key: str, code: str) -> Texts:
        labels = content["labels"]
        return {lang: labels[lang].get(f"{key}_{code}", code) for lang in LANGUAGES}

    found: dict[str, dict[str, Texts]] = {"day": {}, "month": {}, "touchpoint": {}}
    for cube, column in (("activity", "month"), ("expiry", "starts_on")):
        if cube in made:
            codes = sorted({code[:7] for code in values(cube, column)})
            found["month"] |= {code: written(code, "month") for code in codes if code}
    for cube, column in (("stock", "on"), ("expiry", "starts_on"), ("moves", "from_on"),
                         ("moves", "to_on")):  # fmt: skip
        if cube in made:
            found["day"] |= {c: written(c, "date") for c in values(cube, column) if c}
    if "routes" in made:
        codes = {*values("routes", "source"), *values("routes", "target")}
        found["touchpoint"] = {code: names.touchpoint(code) for code in sorted(codes)}
    for preset, codes in {"joren": [], **content["order"]}.items():
        called = {code: names.segment(preset, code) for code in codes}
        found[f"segment:{preset}"] = called | {"none": own("none", "yet"), "": own("sum", "all")}
    found["class"] = {str(place): _class(place, report["currency"]) for place in
                      range(len(VALUE_CLASSES) + 1)}  # fmt: skip
    if "effects" in made:
        codes = values("effects", "segment")
        found["effect_segment"] = {code: names.effect_segment(code) for code in codes}
    if "members" in made:
        found["channel"] = {c: names.channel(c) for c in values("members", "channel")}
        found["arm"] = {c: names.said(f"campaigns.arm.{c}", c) for c in values("members", "arm")}
        found["standing"] = {
            c: names.said(f"lists.standing.{c}", c) for c in values("members", "standing")
        }
    return found


def _class(place: int, currency: str) -> Texts:
    def money(value: int, lang: str) -> str:
        return format_value(value, "money", lang, currency)

    if place == 0:
        return {lang: f"≤ {money(0, lang)}" for lang in LANGUAGES}
    if place == len(VALUE_CLASSES):
        return {lang: f"{money(VALUE_CLASSES[-1], lang)} <" for lang in LANGUAGES}
    low, high = VALUE_CLASSES[place - 1], VALUE_CLASSES[place]
    return {lang: f"{money(low, lang)} – {money(high, lang)}" for lang in LANGUAGES}


def _campaigns(connection: Any, tables: Path) -> dict[str, Texts]:
    """Campaign → its name, where the run knows it."""
    path = tables / "campaign_plans.parquet"
    if not path.is_file():
        return {}
    found = connection.execute(
        f"select campaign_id, any_value(name) from read_parquet($${path}$$) group by 1"
    ).fetchall()
    return {code: dict.fromkeys(LANGUAGES, f"{code} {name}") for code, name in found if name}
