"""Keys 1, 2 and 3 press the desk's buttons in a real browser, and nothing while somebody types."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from joren.identity.review_desk import KEYS, ReviewDesk

COUNT = """
<script>
window.pressed = [];
document.querySelectorAll("button").forEach((button) =>
  button.addEventListener("click", () => window.pressed.push(button.id)));
</script>
"""


@pytest.fixture
def desk_page(chromium, tmp_path: Path):
    """The buttons as ipywidgets draws them, with the desk's own classes, and the reason's field."""
    desk = ReviewDesk(
        [], {}, lambda verdict: None, actor="mika", language="en", currency="JPY",
        clock=lambda: datetime(2026, 4, 1),
    )  # fmt: skip
    buttons = "".join(
        f'<button id="{verdict}" class="{" ".join(button._dom_classes)}">{verdict}</button>'
        for verdict, button in desk.buttons.items()
    )
    path = tmp_path / "desk.html"
    path.write_text(
        f'<body class="scripted"><div tabindex="0" id="cell">{buttons}<input id="reason"></div>'
        f"{KEYS}{COUNT}</body>",
        encoding="utf-8",
    )
    browser = chromium()
    browser.open(path.as_uri())
    return browser


def press(browser, key: str, **more) -> None:
    browser.send("Input.dispatchKeyEvent", type="keyDown", key=key, text=key, **more)
    browser.send("Input.dispatchKeyEvent", type="keyUp", key=key)


def test_the_keys_press_the_buttons_unless_somebody_types(desk_page):
    for key in ("1", "2", "3", "4", "/", "("):
        press(desk_page, key)
    assert desk_page.run("window.pressed") == ["same", "different", "unsure"]
    desk_page.run("document.querySelector('#cell').focus()")
    press(desk_page, "2")
    assert desk_page.run("window.pressed.length") == 4
    desk_page.run("document.querySelector('#reason').focus()")
    press(desk_page, "1")
    assert desk_page.run("window.pressed.length") == 4
    assert desk_page.run("document.querySelector('#reason').value") == "1"
    assert desk_page.complaints() == []


def test_a_key_held_down_or_with_another_gives_no_verdict(desk_page):
    press(desk_page, "1", autoRepeat=True)
    press(desk_page, "1", modifiers=2)
    assert desk_page.run("window.pressed") == []
