"""The page's HTML. Both languages are written; the page's style shows one of them.

Every text is escaped here: titles, channels and reasons come from a client's files.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from joren.serve import pictures
from joren.serve.words import Texts, both, label, scroll, side
from joren.text import LANGUAGES

# statuses of a step that has nothing to show
WITHOUT = ("skipped", "refused", "missing")
# the parenthesis that closes a finding's claim: interval or reason, n, as of
_CERTAINTY = re.compile(r"\s*\([^()]*n = [^()]*\)")
_PRINT_SIZE = re.compile(rb'<svg[^>]*?\swidth="([\d.]+)pt"[^>]*?\sheight="([\d.]+)pt"')
_PRINT_WIDTH = 482.4
_LEADING = 5
# of the run certificate: run, day, program, environment, seed, memory; then every step and file
_OPEN_ROWS = 6
# path of a chart or the typeface → the address its page finds it under
Address = Callable[[Path], str]
Draw = Callable[[dict[str, Any]], str]


def served(path: Path) -> str:
    """The address of a run's chart at a server: fetched when its page is opened, as it was then."""
    run = path.parent.parent if path.suffix == ".svg" else path.parent
    return f"runs/{run.name}/{path.name}"


def embedded(path: Path) -> str:
    """A chart as a data address, for a page that no server stands behind."""
    return f"data:image/svg+xml;base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def document(
    content: dict[str, Any], pages: list[dict[str, Any]], folder: Path, address: Address = served
) -> str:
    """The whole page.

    Parameters
    ----------
    content : dashboard.json
    pages : as `page.arrange` gives them
    folder : where charts and typeface stand
    address : `served` or `embedded`
    """
    report, labels = content["report"], content["labels"]
    links = "".join(f'<a href="#{page["id"]}">{both(page["title"])}</a>' for page in pages)
    buttons = "".join(
        f'<button type="button" data-language="{lang}" lang="{lang}">{name}</button>'
        for lang, name in (("ja", "日本語"), ("en", "English"))
    )
    stamp = {lang: f"{labels[lang]['as_of']} {report['as_of_text'][lang]}" for lang in LANGUAGES}
    stamped = f'{both(stamp)} <a href="#quality">{label(labels, "definitions")}</a>'
    stamped += f' <span class="role">{label(labels, f"role_{content['role']}")}</span>'
    # a copy has nothing to log out of
    leave = f'<a class="leave" href="logout">{label(labels, "logout")}</a>'
    leave = leave if address is served else ""
    draw = partial(_figure, folder=folder, address=address)
    asked = address is served
    sections = "".join(_section(page, stamped, labels, draw, asked) for page in pages)
    return (
        f"{_typeface(folder / 'font.css', address)}"
        f'<div id="dashboard" data-language="{escape(report["language"])}">'
        f'<a class="skip" href="#{pages[0]["id"]}">{label(labels, "skip")}</a>'
        f"<header><h1>{both(report['title'])}</h1>"
        f'<div class="languages" role="group" aria-label="言語 / Language">{buttons}</div>'
        f"{leave}</header>"
        f'<nav aria-label="ページ / Pages">{links}</nav><main>{sections}</main>'
        f"<footer>{label(labels, 'footer')}</footer></div>"
    )


def _typeface(path: Path, address: Address) -> str:
    if address is embedded:
        return f"<style>{path.read_text(encoding='utf-8')}</style>"
    return f'<link rel="stylesheet" href="{escape(address(path))}">'


def _section(
    page: dict[str, Any], stamp: str, labels: dict[str, Any], draw: Draw, asked: bool = True
) -> str:
    name = escape(page["id"])
    leading = _leading(page)
    lead = "".join(f'<p class="finding accent">{_sentence(item["text"])}</p>' for item in leading)
    body = _overview(page, labels) if "tiles" in page else lead
    if page.get("empty"):
        why = {lang: labels[lang]["empty"].format(stage=page["empty"][lang]) for lang in LANGUAGES}
        body += f'<p class="skipped">{both(why)}</p>'
    body += "".join(pictures.picture(view, told, labels, asked) for view, told in page["views"])
    if "tiles" in page and page["steps"]:
        body += f"<h3>{label(labels, 'page_answer_check')}</h3>{lead}"
    tell = partial(_finding, leading=leading)
    body += "".join(_step(step, labels, draw, tell) for step in page["steps"])
    if page.get("explore") and asked:
        body += pictures.explore(page["explore"], labels)
    elif page.get("explore"):
        # single customers are asked for one question at a time; a file cannot be asked
        body += f'<p class="skipped">{label(labels, "unasked_people")}</p>'
    if page.get("downloads"):
        body += pictures.downloads(page["downloads"], labels)
    if page.get("certificate"):
        body += pictures.glossary(labels) + _certificate(page["certificate"], labels)
    return (
        f'<section id="{name}" tabindex="-1" aria-labelledby="title-{name}">'
        f'<h2 id="title-{name}">{both(page["title"])}</h2><p class="stamp">{stamp}</p>{body}'
        "</section>"
    )


def _leading(page: dict[str, Any]) -> list[dict[str, Any]]:
    """What matters most on a page, before the steps' own order; the rest stands where it was found.

    More than a few sentences at the top are read by nobody.
    """
    items = [item for step in page["steps"] for item in step["items"]]
    return [item for item in items if item["kind"] == "finding" and item["accent"]][:_LEADING]


def _overview(page: dict[str, Any], labels: dict[str, Any]) -> str:
    headlines = "".join(
        f'<a class="finding accent" href="#{escape(where)}">{_sentence(item["text"])}</a>'
        for where, item in page["headlines"]
    )
    tiles = "".join(_tile(tile, labels) for tile in page["tiles"])
    opening = f'<div class="opening"><div>{headlines}</div><div class="tiles">{tiles}</div></div>'
    return opening + "".join(_without(step, labels) for step in page["skipped"])


def _tile(tile: dict[str, Any], labels: dict[str, Any]) -> str:
    if "item" in tile:
        said = f"<small>{both(tile['title'])}</small><p>{_sentence(tile['item']['text'])}</p>"
    else:
        figure = tile["tile"]
        said = (
            f"<small>{_part(figure, 'label')}</small><strong>{_part(figure, 'value')}</strong>"
            f'<span class="certainty">{_part(figure, "sure")}</span>'
        )
        if tile["target"]:
            aim = both(tile["target"])
            said += f'<span class="earlier target">{label(labels, "target")} <b>{aim}</b></span>'
        said += "".join(
            f'<span class="earlier">{both(one["as_of"])} <b>{both(one["value"])}</b></span>'
            for one in tile["earlier"]
        )
    return f'<a class="tile" href="#{escape(tile["page"])}">{said}</a>'


def _part(tile: dict[str, dict[str, str]], name: str) -> str:
    return both({lang: tile[lang][name] for lang in LANGUAGES})


def _step(step: dict[str, Any], labels: dict[str, Any], draw: Draw, tell: Draw) -> str:
    if step["status"] in WITHOUT:
        return _without(step, labels)
    old = step["status"] == "carried"
    note = f'<p class="note">{label(labels, "carried")}</p>' if old else ""
    writers = {"finding": tell, "figure": draw, "table": _table}
    return note + "".join(writers[item["kind"]](item) for item in step["items"])


def _without(step: dict[str, Any], labels: dict[str, Any]) -> str:
    reason = both(step["reason"]) if step["reason"] else label(labels, "no_result")
    return f'<p class="skipped"><b>{both(step["title"])}</b> {reason}</p>'


def _finding(item: dict[str, Any], leading: list[dict[str, Any]]) -> str:
    if item.get("in_title") or any(item is told for told in leading):
        return ""
    accent = " accent" if item["accent"] else ""
    return f'<p class="finding{accent}">{_sentence(item["text"])}</p>'


def _figure(item: dict[str, Any], folder: Path, address: Address) -> str:
    title, charts = _title(item), item["svg"]
    if charts["ja"] == charts["en"]:
        spoken = f"{title['ja']} / {title['en']}"
        images = _image(folder / charts["ja"], "", spoken, address)
    else:
        images = "".join(
            _image(folder / charts[lang], f' lang="{lang}"', title[lang], address)
            for lang in LANGUAGES
        )
    caption = f"<figcaption>{_sentence(title)}</figcaption>"
    return f'<figure>{caption}<div class="scroll" tabindex="0">{images}</div></figure>'


def _image(path: Path, spoken: str, alternative: str, address: Address) -> str:
    # an image cannot run scripts or load anything, whatever stands in the SVG; one that is not
    # shown, on another page or in the other language, is not fetched
    with path.open("rb") as stream:
        size = _PRINT_SIZE.search(stream.read(2000))
    wide, tall = (float(size[1]), float(size[2])) if size else (_PRINT_WIDTH, 0.0)
    shape = f";aspect-ratio:{wide:g}/{tall:g}" if tall else ""
    return (
        f'<img{spoken} loading="lazy" alt="{escape(alternative)}" '
        f'style="--print-width:{wide / 0.75:.0f}{shape}" src="{escape(address(path))}">'
    )


def _table(item: dict[str, Any]) -> str:
    sides = [side(column.get("align") == "right") for column in item["columns"]]
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
    return scroll(
        f"<table><caption>{_sentence(_title(item))}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _certificate(rows: dict[str, list[list[str]]], labels: dict[str, Any]) -> str:
    written = [
        f'<tr><th scope="row">{both({"ja": ja[0], "en": en[0]})}</th>'
        f"<td>{both({'ja': ja[1], 'en': en[1]})}</td></tr>"
        for ja, en in zip(rows["ja"], rows["en"], strict=True)
    ]
    table = scroll(f"<table>{''.join(written[:_OPEN_ROWS])}</table>")
    if rest := "".join(written[_OPEN_ROWS:]):
        more = label(labels, "certificate_rest")
        table += f"<details><summary>{more}</summary>{scroll(f'<table>{rest}</table>')}</details>"
    note = f'<p class="note">{label(labels, "how_to_read")}</p>'
    return f"<h3>{label(labels, 'certificate')}</h3>{table}{note}"


def _sentence(text: Texts) -> str:
    def soften(sentence: str) -> str:
        return _CERTAINTY.sub(lambda m: f'<span class="certainty">{m[0]}</span>', escape(sentence))

    return "".join(f'<span lang="{lang}">{soften(text[lang])}</span>' for lang in LANGUAGES)


def _title(item: dict[str, Any]) -> Texts:
    title = item["title"]
    return title if isinstance(title, dict) else dict.fromkeys(LANGUAGES, str(title))
