"""The HTML of what answers: pictures with filters, the filter of customers, files, definitions.

Every picture is written with its first answer, so that it stands before the kernel's line is open,
in print, and in a copy that has no kernel.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from joren.serve.words import Texts, both, in_both, label, scroll, side
from joren.text import LANGUAGES

_COLUMNS = ("id", "last_order", "p_order", "ltv", "interval", "past")
_ORDERS = ("value", "return", "overdue")
_GLOSSARY = (
    "interval", "n", "customer", "ltv", "margin", "segment", "liability", "lapse", "grade",
    "hidden", "masked",
)  # fmt: skip


def picture(name: str, view: dict[str, Any], labels: dict[str, Any], asked: bool = True) -> str:
    """One picture with its filters, its sentence, its chart and its table.

    Parameters
    ----------
    name : of the view
    view : filters and first answer, as in dashboard.json
    labels : language → the dashboard's own words
    asked : whether a kernel answers; without, the picture says which filters are missing
    """
    first, words, title = view["first"], view["first"]["words"], f"view-{name}"
    fields = "".join(
        _select(one["name"], one["options"], one["start"], labels) for one in view["filters"]
    )
    form = f"<form>{fields}</form>" if fields else ""
    if fields and not asked:
        form = _missing([one["name"] for one in view["filters"]], labels)
    table = scroll(
        f"<table>{_head(first['head'], words)}<tbody>{_rows(first['rows'], words)}</tbody></table>"
    )
    if first["chart"] is not None:
        table = f"<details><summary>{label(labels, 'as_table')}</summary>{table}</details>"
        table = f'<div class="chart" role="img"></div>{table}'
    return (
        f'<section class="live" data-view="{name}" aria-labelledby="{title}" '
        f'data-first="{_data(first)}" data-words="{_data(_spoken(labels))}">'
        f'<h3 id="{title}">{label(labels, f"title_{name}")}</h3>{form}'
        f'<p class="state" role="status">{both(first["state"])}</p>{table}'
        f'<p class="note">{label(labels, f"note_{name}")}</p></section>'
    )


def _missing(filters: list[str], labels: dict[str, Any]) -> str:
    listed = {
        "ja": "・".join(labels["ja"][name] for name in filters),
        "en": ", ".join(labels["en"][name].lower() for name in filters),
    }
    said = {lang: labels[lang]["unasked"].format(filters=listed[lang]) for lang in LANGUAGES}
    return f'<p class="note unasked">{both(said)}</p>'


def explore(told: dict[str, Any], labels: dict[str, Any]) -> str:
    """The filter of single customers.

    Parameters
    ----------
    told : channels, segments and level, as in dashboard.json
    labels : as in `picture`
    """
    channels = [in_both(labels, "all_channels")]
    channels += [dict.fromkeys(LANGUAGES, name) for name in told["channels"]]
    segments = [in_both(labels, "all_segments"), *(name for _, name in told["segments"])]
    orders = [in_both(labels, f"order_{name}") for name in _ORDERS]
    head = "".join(
        f'<th scope="col"{side(name != "id")}>{label(labels, f"column_{name}")}</th>'
        for name in _COLUMNS
    )
    level = {lang: labels[lang]["explore_note"].format(level=told["level"]) for lang in LANGUAGES}
    chosen = _select("channel", channels, 0, labels)
    if told["segments"]:
        chosen += _select("segment", segments, 0, labels)
    chosen += _select("order", orders, 0, labels)
    table = scroll(f"<table><thead><tr>{head}</tr></thead><tbody></tbody></table>")
    return (
        f'<section id="explore" aria-labelledby="title-explore" '
        f'data-words="{_data(_spoken(labels))}">'
        f'<h3 id="title-explore">{label(labels, "explore")}</h3><form>{chosen}</form>'
        f'<p class="state" role="status"></p>{table}<p class="note">{both(level)}</p></section>'
    )


def downloads(files: list[dict[str, Any]], labels: dict[str, Any]) -> str:
    """The files this role may take away.

    Parameters
    ----------
    files : name, kind and bytes
    labels : as in `picture`
    """
    rows = "".join(
        f'<tr><td><a href="downloads/{escape(one["name"])}" download>{escape(one["name"])}</a></td>'
        f"<td>{label(labels, 'kind_' + one['kind'])}</td>"
        f'<td class="number">{one["bytes"] / 1000:,.1f} kB</td></tr>'
        for one in files
    )
    head = "".join(
        f'<th scope="col"{side(name == "size")}>{label(labels, f"file_{name}")}</th>'
        for name in ("name", "kind", "size")
    )
    table = scroll(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    return (
        f'<section id="files" aria-labelledby="title-files"><h3 id="title-files">'
        f'{label(labels, "files")}</h3>{table}<p class="note">{label(labels, "files_note")}</p>'
        "</section>"
    )


def glossary(labels: dict[str, Any]) -> str:
    """What the words on the pages mean."""
    entries = "".join(
        f"<dt>{label(labels, f'term_{name}')}</dt><dd>{label(labels, f'meaning_{name}')}</dd>"
        for name in _GLOSSARY
    )
    return f'<h3 id="definitions">{label(labels, "definitions")}</h3><dl>{entries}</dl>'


def _spoken(labels: dict[str, Any]) -> dict[str, dict[str, str]]:
    words = ("explore_sentence", "waiting", "lost", "nothing", "pick")
    return {lang: {name: labels[lang][name] for name in words} for lang in LANGUAGES}


def _select(name: str, options: list[Texts], start: int, labels: dict[str, Any]) -> str:
    # an option holds plain text only: the page's script writes the language shown
    choices = "".join(
        f'<option value="{place}" data-ja="{escape(text["ja"])}" data-en="{escape(text["en"])}"'
        f"{' selected' if place == start else ''}>{escape(text['ja'])}</option>"
        for place, text in enumerate(options)
    )
    return f'<label>{label(labels, name)}<select name="{name}">{choices}</select></label>'


def _head(head: dict[str, list[str]], words: list[bool]) -> str:
    cells = "".join(
        f'<th scope="col"{side(not word)}>{both({"ja": ja, "en": en})}</th>'
        for word, ja, en in zip(words, head["ja"], head["en"], strict=True)
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _rows(rows: dict[str, list[list[str]]], words: list[bool]) -> str:
    return "".join(
        "<tr>"
        + "".join(
            f"<td{side(not words[place])}>{both({'ja': a, 'en': b})}</td>"
            for place, (a, b) in enumerate(zip(ja, en, strict=True))
        )
        + "</tr>"
        for ja, en in zip(rows["ja"], rows["en"], strict=True)
    )


def _data(told: Any) -> str:
    return escape(json.dumps(told, ensure_ascii=False))
