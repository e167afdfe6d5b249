from __future__ import annotations

from joren.serve import words


def test_a_word_is_written_in_both_languages_and_escaped():
    labels = {"ja": {"x": "<店>"}, "en": {"x": "shop"}}
    written = '<span lang="ja">&lt;店&gt;</span><span lang="en">shop</span>'
    assert words.label(labels, "x") == written
    assert words.in_both(labels, "x") == {"ja": "<店>", "en": "shop"}


def test_a_wide_table_scrolls_inside_itself_and_the_keyboard_reaches_it():
    assert words.scroll("<table></table>").startswith('<div class="scroll" tabindex="0">')
    assert words.side(True) == ' class="number"' and words.side(False) == ""
