from __future__ import annotations

import pytest

from joren.serve import views

ASKED = {
    "stock": {
        "filters": [
            {"name": "preset", "options": [{"value": "joren"}, {"value": "own"}], "start": 1},
            {"name": "on", "options": [{"value": "2026-03-31"}], "start": 0},
        ]
    }
}


def test_places_become_the_values_they_stand_for():
    asked = {"view": "stock", "preset": 1, "on": 0}
    assert views.parse(asked, ASKED) == ("stock", {"preset": "own", "on": "2026-03-31"})
    assert views.first_choice(ASKED["stock"]) == {"preset": "own", "on": "2026-03-31"}


@pytest.mark.parametrize(
    "question",
    [None, [], {"view": "members", "list": 0}, {"view": ["stock"], "preset": 0, "on": 0},
     {"view": "stock", "preset": 0}, {"view": "stock", "preset": 0, "on": 1},
     {"view": "stock", "preset": -1, "on": 0}, {"view": "stock", "preset": True, "on": 0},
     {"view": "stock", "preset": "joren' or 1=1 --", "on": 0},
     {"view": "stock", "preset": 0, "on": 0, "limit": 9},
     {"view": "stock", "preset": 0.0, "on": 0}],
)  # fmt: skip
def test_anything_else_is_refused(question):
    with pytest.raises(ValueError, match=r"picture|filter|place"):
        views.parse(question, ASKED)


def test_every_picture_has_its_words_in_both_languages():
    from joren.serve import page, site

    for labels in site.labels().values():
        for name, (on, _, _) in views.VIEWS.items():
            assert f"title_{name}" in labels and f"note_{name}" in labels
            assert on in page.OWN_PAGES
