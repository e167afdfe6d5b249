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

_ANSWER_CHECK = re.compile(r"back_?test|holdout|answer|calibration")
_OWN_PAGES = ("overview", "customers", "ltv", "answer_check", "quality")

Page = dict[str, Any]


def show() -> None:
    """Display the page of the folder the kernel stands in, and answer its filter.

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
    if content["explore"]:
        from joren.serve.explore import listen, replier

        channels = content["explore"]["channels"]
        listen(replier(folder, channels, content["report"]["currency"]))


def arrange(content: dict[str, Any]) -> list[Page]:
    """The pages in the report's order.

    A stage without a page of its own here (a later one, a client's own) gets one by its title, so
    that new notebooks appear without a change.

    Parameters
    ----------
    content : dashboard.json

    Returns
    -------
    pages of (id, title by language, steps); the first also has headlines, tiles and what was
    skipped, the one on value the filter, the last the run certificate
    """
    report, labels = content["report"], content["labels"]
    own = {name: _page(name, markup.in_both(labels, f"page_{name}")) for name in _OWN_PAGES}
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
    own["quality"]["certificate"] = report["certificate"]
    own["ltv"]["explore"] = content["explore"]
    told = [own["customers"], own["ltv"], *others.values(), own["answer_check"], own["quality"]]
    told = [page for page in told if page["steps"] or page is own["quality"]]
    return [own["overview"] | _overview(told), *told]


def page_of(step: str) -> str | None:
    """The page a step's findings stand on; None for a page named after its stage.

    Parameters
    ----------
    step : name such as `04_ltv/20_ltv`
    """
    stage, _, name = step.partition("/")
    if "ingest" in name:
        return "quality"
    if _ANSWER_CHECK.search(name):
        return "answer_check"
    return {"01_identity": "customers", "04_ltv": "ltv"}.get(stage)


def _page(name: str, title: dict[str, str]) -> Page:
    return {"id": name.replace("_", "-"), "title": title, "steps": []}


def _overview(pages: list[Page]) -> dict[str, Any]:
    told = {page["id"]: (page, _findings(page)) for page in pages}
    return {
        "headlines": [
            (where, item) for where, (_, items) in told.items() for item in items if item["accent"]
        ],
        "tiles": [
            tile for where, (page, items) in told.items() for tile in _tiles(where, page, items)
        ],
        "skipped": [s for page in pages for s in page["steps"] if s["status"] in markup.WITHOUT],
    }


def _findings(page: Page) -> list[dict[str, Any]]:
    items = [item for step in page["steps"] for item in step["items"]]
    return [item for item in items if item["kind"] == "finding"]


def _tiles(where: str, page: Page, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A page's figures to be shown large; the first calm sentence where it names none."""
    large = [{"page": where, "tile": item["tile"]} for item in items if item.get("tile")]
    calm = [item for item in items if not item["accent"]]
    return large or [{"page": where, "title": page["title"], "item": item} for item in calm[:1]]
