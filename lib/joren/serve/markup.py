"""The page's HTML. Both languages are written; the page's style shows one of them.

Every text is escaped here: titles, channels and reasons come from a client's files.
"""

from __future__ import annotations

import base64
import json
import re
from html import escape
from pathlib import Path
from typing import Any

from joren.text import LANGUAGES

# statuses of a step that has nothing to show
WITHOUT = ("skipped", "refused", "missing")
# the parenthesis that closes a finding's claim: interval or reason, n, as of
_CERTAINTY = re.compile(r"\s*\([^()]*n = [^()]*\)")
_PRINT_WIDTH = re.compile(rb'<svg[^>]*?\swidth="([\d.]+)pt"')
_COLUMNS = ("id", "last_order", "p_order", "ltv", "interval", "past")
_ORDERS = ("value", "return", "overdue")

Texts = dict[str, str]


def document(content: dict[str, Any], pages: list[dict[str, Any]], folder: Path) -> str:
    """The whole page.

    Parameters
    ----------
    content : dashboard.json
    pages : as `page.arrange` gives them
    folder : where charts and typeface stand
    """
    report, labels = content["report"], content["labels"]
    links = "".join(f'<a href="#{page["id"]}">{both(page["title"])}</a>' for page in pages)
    buttons = "".join(
        f'<button type="button" data-language="{lang}" lang="{lang}">{name}</button>'
        for lang, name in (("ja", "日本語"), ("en", "English"))
    )
    stamp = {lang: f"{labels[lang]['as_of']} {report['as_of_text'][lang]}" for lang in LANGUAGES}
    sections = "".join(_section(page, both(stamp), labels, folder) for page in pages)
    font = (folder / "font.css").read_text(encoding="utf-8")
    return (
        f'<div id="dashboard" data-language="{escape(report["language"])}">'
        f'<a class="skip" href="#{pages[0]["id"]}">{_label(labels, "skip")}</a>'
        f"<header><h1>{both(report['title'])}</h1>"
        f'<div class="languages" role="group" aria-label="言語 / Language">{buttons}</div></header>'
        f'<nav aria-label="ページ / Pages">{links}</nav><main>{sections}</main>'
        f"<footer>{_label(labels, 'footer')}</footer></div><style>{font}</style>"
    )


def both(text: Texts) -> str:
    """A text in both languages, once where they agree."""
    if text["ja"] == text["en"]:
        return escape(text["ja"])
    return "".join(f'<span lang="{lang}">{escape(text[lang])}</span>' for lang in LANGUAGES)


def in_both(labels: dict[str, Any], name: str) -> Texts:
    """One of the dashboard's own words."""
    return {lang: labels[lang][name] for lang in LANGUAGES}


def _section(page: dict[str, Any], stamp: str, labels: dict[str, Any], folder: Path) -> str:
    body = _overview(page, labels) if "tiles" in page else _lead(page)
    body += "".join(_step(step, labels, folder) for step in page["steps"])
    if page.get("explore"):
        body += _explore(page["explore"], labels)
    if page.get("certificate"):
        body += _certificate(page["certificate"], labels)
    return (
        f'<section id="{escape(page["id"])}" tabindex="-1"><h2>{both(page["title"])}</h2>'
        f'<p class="stamp">{stamp}</p>{body}</section>'
    )


def _lead(page: dict[str, Any]) -> str:
    """What matters most on a page, before the steps' own order."""
    items = [item for step in page["steps"] for item in step["items"]]
    return "".join(
        f'<p class="finding accent">{_sentence(item["text"])}</p>'
        for item in items
        if item["kind"] == "finding" and item["accent"]
    )


def _overview(page: dict[str, Any], labels: dict[str, Any]) -> str:
    headlines = "".join(
        f'<a class="finding accent" href="#{escape(where)}">{_sentence(item["text"])}</a>'
        for where, item in page["headlines"]
    )
    tiles = "".join(_tile(tile) for tile in page["tiles"])
    return f'{headlines}<div class="tiles">{tiles}</div>' + "".join(
        _without(step, labels) for step in page["skipped"]
    )


def _tile(tile: dict[str, Any]) -> str:
    if "item" in tile:
        said = f"<small>{both(tile['title'])}</small><p>{_sentence(tile['item']['text'])}</p>"
    else:
        figure = tile["tile"]
        said = (
            f"<small>{_part(figure, 'label')}</small><strong>{_part(figure, 'value')}</strong>"
            f'<span class="certainty">{_part(figure, "sure")}</span>'
        )
    return f'<a class="tile" href="#{escape(tile["page"])}">{said}</a>'


def _part(tile: dict[str, dict[str, str]], name: str) -> str:
    return both({lang: tile[lang][name] for lang in LANGUAGES})


def _step(step: dict[str, Any], labels: dict[str, Any], folder: Path) -> str:
    if step["status"] in WITHOUT:
        return _without(step, labels)
    old = step["status"] == "carried"
    note = f'<p class="note">{_label(labels, "carried")}</p>' if old else ""
    return note + "".join(_WRITERS[item["kind"]](item, folder) for item in step["items"])


def _without(step: dict[str, Any], labels: dict[str, Any]) -> str:
    reason = both(step["reason"]) if step["reason"] else _label(labels, "no_result")
    return f'<p class="skipped"><b>{both(step["title"])}</b> {reason}</p>'


def _finding(item: dict[str, Any], _: Path) -> str:
    if item["accent"] or item.get("in_title"):
        return ""
    return f'<p class="finding">{_sentence(item["text"])}</p>'


def _figure(item: dict[str, Any], folder: Path) -> str:
    title, charts = _title(item), item["svg"]
    if charts["ja"] == charts["en"]:
        images = _image(folder / charts["ja"], "", f"{title['ja']} / {title['en']}")
    else:
        images = "".join(
            _image(folder / charts[lang], f' lang="{lang}"', title[lang]) for lang in LANGUAGES
        )
    caption = f"<figcaption>{_sentence(title)}</figcaption>"
    return f'<figure>{caption}<div class="scroll" tabindex="0">{images}</div></figure>'


def _image(path: Path, spoken: str, alternative: str) -> str:
    # an image cannot run scripts or load anything, whatever stands in the SVG
    svg = path.read_bytes()
    width = _PRINT_WIDTH.search(svg)
    points = float(width[1]) if width else 482.4
    data = base64.b64encode(svg).decode("ascii")
    return (
        f'<img{spoken} alt="{escape(alternative)}" '
        f'style="--print-width:{points / 0.75:.0f}" src="data:image/svg+xml;base64,{data}">'
    )


def _table(item: dict[str, Any], _: Path) -> str:
    sides = [_side(column.get("align") == "right") for column in item["columns"]]
    head = "".join(
        f'<th scope="col"{side}>{both(column["header"])}</th>'
        for side, column in zip(sides, item["columns"], strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{side}>{both({'ja': ja, 'en': en})}</td>"
            for side, ja, en in zip(sides, in_ja, in_en, strict=True)
        )
        + "</tr>"
        for in_ja, in_en in zip(item["rows"]["ja"], item["rows"]["en"], strict=True)
    )
    return _scroll(
        f"<table><caption>{_sentence(_title(item))}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _certificate(rows: dict[str, list[list[str]]], labels: dict[str, Any]) -> str:
    written = "".join(
        f'<tr><th scope="row">{both({"ja": ja[0], "en": en[0]})}</th>'
        f"<td>{both({'ja': ja[1], 'en': en[1]})}</td></tr>"
        for ja, en in zip(rows["ja"], rows["en"], strict=True)
    )
    table = _scroll(f"<table>{written}</table>")
    note = f'<p class="note">{_label(labels, "how_to_read")}</p>'
    return f"<h3>{_label(labels, 'certificate')}</h3>{table}{note}"


def _explore(explore: dict[str, Any], labels: dict[str, Any]) -> str:
    channels = [in_both(labels, "all_channels")]
    channels += [dict.fromkeys(LANGUAGES, name) for name in explore["channels"]]
    orders = [in_both(labels, f"order_{name}") for name in _ORDERS]
    head = "".join(
        f'<th scope="col"{_side(name != "id")}>{_label(labels, f"column_{name}")}</th>'
        for name in _COLUMNS
    )
    spoken = ("explore_sentence", "waiting", "lost")
    words = {lang: {name: labels[lang][name] for name in spoken} for lang in LANGUAGES}
    level = {
        lang: labels[lang]["explore_note"].format(level=explore["level"]) for lang in LANGUAGES
    }
    table = _scroll(f"<table><thead><tr>{head}</tr></thead><tbody></tbody></table>")
    return (
        f'<section id="explore" data-words="{escape(json.dumps(words, ensure_ascii=False))}">'
        f"<h3>{_label(labels, 'explore')}</h3><form>"
        f"{_select('channel', channels, labels)}{_select('order', orders, labels)}</form>"
        f'<p class="state" role="status"></p>{table}<p class="note">{both(level)}</p></section>'
    )


def _select(name: str, options: list[Texts], labels: dict[str, Any]) -> str:
    # an option holds plain text only: the page's script writes the language shown
    choices = "".join(
        f'<option value="{place}" data-ja="{escape(text["ja"])}" data-en="{escape(text["en"])}">'
        f"{escape(text['ja'])}</option>"
        for place, text in enumerate(options)
    )
    return f'<label>{_label(labels, name)}<select name="{name}">{choices}</select></label>'


def _sentence(text: Texts) -> str:
    def soften(sentence: str) -> str:
        return _CERTAINTY.sub(lambda m: f'<span class="certainty">{m[0]}</span>', escape(sentence))

    return "".join(f'<span lang="{lang}">{soften(text[lang])}</span>' for lang in LANGUAGES)


def _label(labels: dict[str, Any], name: str) -> str:
    return both(in_both(labels, name))


def _title(item: dict[str, Any]) -> Texts:
    title = item["title"]
    return title if isinstance(title, dict) else dict.fromkeys(LANGUAGES, str(title))


def _side(numeral: bool) -> str:
    return ' class="number"' if numeral else ""


def _scroll(table: str) -> str:
    return f'<div class="scroll" tabindex="0">{table}</div>'


_WRITERS = {"finding": _finding, "figure": _figure, "table": _table}
