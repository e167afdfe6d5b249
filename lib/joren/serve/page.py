"""The dashboard's pages: which finding stands where, and the kernel's side of the page.

It runs in the kernel behind the page, in the folder that `site` prepared, and reads nothing else.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from joren.errors import JorenError
from joren.serve import markup
from joren.serve.words import in_both
from joren.text import LANGUAGES

# pages in the report's order; the last is about the run itself
OWN_PAGES = (
    "overview", "customers", "points", "routes", "ltv", "campaigns", "actions", "quality",
)  # fmt: skip
# the page of a stage's steps, where the step itself has none
_STAGES = {
    "01_identity": "customers",
    "02_points": "points",
    "03_routes": "routes",
    "04_ltv": "ltv",
    "05_experiments": "campaigns",
}
_ANSWER_CHECK = re.compile(r"back_?test|holdout|answer|calibration")
_STEPS = (
    (re.compile(r"ingest"), "quality"),
    (_ANSWER_CHECK, "overview"),
    (re.compile(r"segment"), "customers"),
    (re.compile(r"action|list"), "actions"),
    (re.compile(r"campaign|economics"), "campaigns"),
)
# whose absence a page explains by naming the stage that fills it
_FILLED_BY = {page: stage for stage, page in _STAGES.items()} | {"actions": "04_ltv"}
_TILES_OF_A_PAGE = 3

Page = dict[str, Any]


def show() -> None:
    """Display the page of the folder the kernel stands in, and answer its filters.

    Raises
    ------
    JorenError if no run was prepared in that folder
    """
    from IPython.display import HTML, display

    folder = Path.cwd()
    prepared = folder / "dashboard.json"
    if not prepared.is_file():
        remedy = "open the dashboard with `joren serve CLIENT`"
        raise JorenError("no run is prepared in this folder", folder.name, remedy)
    content = json.loads(prepared.read_text(encoding="utf-8"))
    display(HTML(markup.document(content, arrange(content), folder)))
    if content["explore"] or content["views"]:
        from joren.serve.explore import listen, replier

        listen(replier(folder, content))


def arrange(content: dict[str, Any]) -> list[Page]:
    """The pages in the report's order: seven, those of a client's own stages, and the run itself.

    A stage without a page of its own here (a later one, a client's own) gets one by its title, so
    that new notebooks appear without a change. A page that this run says nothing on stays, and
    says why.

    Parameters
    ----------
    content : dashboard.json

    Returns
    -------
    pages of (id, title by language, steps, views); the first also has headlines, tiles, the answer
    check and what was skipped, the one on value the filter of customers, the one on actions the
    files to take away, the last the run certificate
    """
    report, labels = content["report"], content["labels"]
    own = {name: _page(name, in_both(labels, f"page_{name}")) for name in OWN_PAGES}
    others: dict[str, Page] = {}
    for stage in report["stages"]:
        for step in stage["steps"]:
            name = page_of(step["step"])
            page = (
                own[name]
                if name
                else others.setdefault(stage["stage"], _page(stage["stage"], stage["title"]))
            )
            page["steps"].append(step | {"title": stage["title"]})
    for name, view in content["views"].items():
        own[view["page"]]["views"].append((name, view))
    own["quality"]["certificate"] = report["certificate"]
    own["ltv"]["explore"] = content["explore"]
    own["actions"]["downloads"] = content["downloads"]
    titles = {stage["stage"]: stage["title"] for stage in report["stages"]}
    for name, page in own.items():
        if name in _FILLED_BY and not page["steps"] and not page["views"]:
            stage = _FILLED_BY[name]
            page["empty"] = titles.get(stage) or dict.fromkeys(LANGUAGES, stage)
    first, *told, last = own.values()
    told = [*told, *others.values(), last]
    return [first | _overview([first, *told], content), *told]


def page_of(step: str) -> str | None:
    """The page a step's findings stand on; None for a page named after its stage.

    Parameters
    ----------
    step : name such as `04_ltv/20_ltv`
    """
    stage, _, name = step.partition("/")
    if stage not in _STAGES:
        return None
    return next((page for pattern, page in _STEPS if pattern.search(name)), _STAGES[stage])


def _page(name: str, title: dict[str, str]) -> Page:
    return {"id": name.replace("_", "-"), "title": title, "steps": [], "views": []}


def _overview(pages: list[Page], content: dict[str, Any]) -> dict[str, Any]:
    earlier, targets = content["earlier"], content["targets"]
    told = {page["id"]: (page, _findings(page)) for page in pages}
    tiles = [
        tile
        for where, (page, items) in told.items()
        for tile in _tiles(where, page, items)[:_TILES_OF_A_PAGE]
    ]
    accents = {
        where: [item for item in items if item["accent"]] for where, (_, items) in told.items()
    }
    return {
        # one of each page: all of them stand on their own page
        "headlines": [(where, items[0]) for where, items in accents.items() if items],
        "tiles": [
            tile | {"earlier": earlier.get(tile["key"], []), "target": targets.get(tile["key"])}
            for tile in tiles
        ],
        "skipped": [s for page in pages for s in page["steps"] if s["status"] in markup.WITHOUT],
    }


def _findings(page: Page) -> list[dict[str, Any]]:
    items = [item for step in page["steps"] for item in step["items"]]
    return [item for item in items if item["kind"] == "finding"]


def _tiles(where: str, page: Page, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A page's figures to be shown large; the first calm sentence where it names none."""
    large = [
        {"page": where, "tile": item["tile"], "key": item.get("key")}
        for item in items
        if item.get("tile")
    ]
    calm = [item for item in items if not item["accent"]]
    sentence = [
        {"page": where, "title": page["title"], "item": item, "key": None} for item in calm[:1]
    ]
    return large or sentence
