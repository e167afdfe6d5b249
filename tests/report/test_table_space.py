"""How a small table shares the width there is."""

from __future__ import annotations

import pytest

from joren.report.table_space import column_widths, lines_of_rows, natural_width, text_width

SIZE, INSET = 8.0, 5.0


def table(align, *rows):
    return {"headers": list(rows[0]), "align": align, "rows": [list(row) for row in rows[1:]]}


def test_widths_are_those_of_the_typeface():
    # kanji are square in the report's typeface
    assert text_width("購入", 10) == 20.0
    assert text_width("iii", 10) < text_width("mmm", 10)


def test_a_table_that_fits_takes_what_it_needs_and_no_more():
    small = table(["left", "right"], ("名前", "人数"), ("東京", "1,234"))
    widths = column_widths(small, SIZE, 480, INSET)
    assert sum(widths) < 80
    assert lines_of_rows(small, widths, SIZE, INSET) == [1, 1]


def test_figures_and_dates_stay_on_one_line_and_sentences_give_way():
    ledger = table(
        ["left", "right", "left", "left", "left"],
        ("施策", "開始日", "担当", "結果", "次の一手"),
        ("新茶のお知らせメール", "2025年5月1日", "未定", "差 −0.14(区間 −0.31〜0.02)、評価 A" * 2,
         "同じ内容で、37,999 人(うち対照群 20 %)のテストをもう一度行います。" * 3),
    )  # fmt: skip
    widths = column_widths(ledger, SIZE, 480, INSET)
    assert sum(widths) == pytest.approx(480, abs=1)
    for place in (1, 2):  # the date, and a word that a break would leave a character of
        assert widths[place] - 2 * INSET >= text_width(ledger["rows"][0][place], SIZE)
    lines = [
        lines_of_rows({**ledger, "headers": [""], "rows": [[cell]]}, [width], SIZE, INSET)[1]
        for cell, width in zip(ledger["rows"][0], widths, strict=True)
    ]
    # the longest sentence has the widest column, and takes about as many lines as its neighbour
    assert widths[4] == max(widths)
    assert abs(lines[4] - lines[3]) <= 1 and lines[4] <= 5


def test_short_words_break_before_a_figure_does():
    effects = table(
        ["left", "left", "left", *["right"] * 8],
        ["Campaign", "Arm", "KPI", *["Relative"] * 8],
        ["お歳暮クーポンメール", "coupon 500", "orders per customer", *["−12.3 %"] * 8],
    )
    widths = column_widths(effects, SIZE, 470, INSET)
    figures = [width - 2 * INSET for width in widths[3:]]
    assert min(figures) >= text_width("−12.3 %", SIZE)


def test_even_a_table_of_figures_alone_is_no_wider_than_the_page():
    figures = table(["right"] * 20, ["12345678"] * 20, ["12345678"] * 20)
    assert natural_width(figures, SIZE, INSET) > 480
    assert sum(column_widths(figures, SIZE, 480, INSET)) == pytest.approx(480)


def test_words_are_not_broken_and_characters_are():
    narrow = table(["left"], ("x",), ("orders per customer",), ("一人あたり購入回数",))
    width = text_width("orders per", SIZE) + 2 * INSET
    assert lines_of_rows(narrow, [width], SIZE, INSET)[1:] == [2, 3]
