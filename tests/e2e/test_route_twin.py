"""The twin of the route map in a real browser: what can be picked, and room for every label."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.routes.graphs import NAMES, random_graph

from joren.routes.backbone import backbone
from joren.routes.twin import save_twin

_ROWS = (
    "[...document.querySelectorAll('#out tr')].slice(1)"
    ".map(r => [...r.cells].map(c => c.innerText))"
)
_SHOWN = "[...document.querySelectorAll('svg')].find(s => s.getBoundingClientRect().width > 0)"
# the point of an arrow that no box and no later arrow's wide shadow covers, if there is one
_FREE = f"""(() => {{ const svg = {_SHOWN}; for (const p of svg.querySelectorAll('.hit')) {{
  p.scrollIntoView({{block: 'center'}});
  for (let i = 1; i < 20; i++) {{
    const at = p.getPointAtLength(p.getTotalLength() * i / 20).matrixTransform(p.getScreenCTM());
    if (document.elementFromPoint(at.x, at.y) === p) return [at.x, at.y, p.dataset.edge];
  }} }} }})()"""
_OVERLAPS = f"""(() => {{ const t = [...{_SHOWN}.querySelectorAll('text')]
  .map(e => [e.textContent, e.getBoundingClientRect()]); const found = [];
  for (let i = 0; i < t.length; i++) for (let j = 0; j < i; j++) {{
    const [a, r] = t[i], [b, s] = t[j];
    if (r.left + 1 < s.right && s.left + 1 < r.right
        && r.top + 5 < s.bottom && s.top + 5 < r.bottom)
      found.push(a + ' / ' + b); }} return found; }})()"""


def _open(browser, file: Path, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.send("Emulation.setDeviceMetricsOverride", **size)
    browser.send("Page.navigate", url=file.as_uri())
    browser.wait("document.readyState === 'complete' && document.querySelector('.hit')")


def _click(browser, x: float, y: float) -> None:
    for kind in ("mousePressed", "mouseReleased"):
        browser.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("twin")
    return save_twin(backbone(random_graph(3, NAMES)), "routes", folder)


@pytest.mark.parametrize("width", [390, 1280])
def test_touchpoints_and_arrows_can_be_picked_and_let_go(twins, chromium, width):
    browser = chromium()
    _open(browser, twins["ja"], width)
    node = browser.run(
        f"(() => {{ const r = {_SHOWN}.querySelector('.node.main:not(.end) rect');"
        " r.scrollIntoView({block: 'center'}); const b = r.getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2, +r.parentNode.dataset.n]; })()"
    )
    _click(browser, *node[:2])
    label = browser.run(f"{_SHOWN}.querySelector('.node.on').getAttribute('aria-label')")
    rows = browser.run(_ROWS)
    assert len(rows) > 1
    assert all(label in row[:2] for row in rows)
    _click(browser, *node[:2])  # again: let go
    browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)

    x, y, edge = browser.run(_FREE)
    _click(browser, x, y)
    rows, ends = browser.run(_ROWS), [int(end) for end in edge.split(",")]
    names = [
        browser.run(f"{_SHOWN}.querySelector('.node[data-n=\"{n}\"]').getAttribute('aria-label')")
        for n in ends
    ]
    assert [row[:2] for row in rows] == [names]
    assert browser.run(f"{_SHOWN}.querySelectorAll('path.near').length") == 1
    assert not browser.complaints()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_label_lies_on_another_and_nothing_scrolls_sideways(twins, chromium, language, width):
    browser = chromium()
    _open(browser, twins[language], width)

    assert browser.run(_OVERLAPS) == []
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    folder = os.environ.get("JOREN_SCREENSHOTS")
    if folder:
        browser.picture(Path(folder) / f"twin_{language}_{width}.png")
