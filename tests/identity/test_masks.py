"""Masked values tell two people apart and name neither."""

import pytest

from joren.identity.masks import mask


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        ("full_name", "佐藤　花子", "佐••• 花•••"),
        ("full_kana", "ｻﾄｳ ﾊﾅｺ", "サ••• ハ•••"),
        ("phone", "０９０-1111-2222", "090•••22"),
        ("phone", "12", "•••"),
        ("email", "hanako@example.jp", "h•••@e•••"),
        ("birth_date", "1980-06-02", "1980-••-••"),
        ("address", "神奈川県横浜市1-2-3", "神奈川県•••"),
        ("address", "12 Main Street", "1•••"),
        ("card_no", "2900000001", "•••01"),
        ("line_id", "U0123", "•••"),
        ("gender", "女", "女"),
        ("anything_else", "secret", "•••"),
        ("email", None, ""),
        ("birth_date", float("nan"), ""),
    ],
)
def test_masks(field, value, seen):
    assert mask(field, value) == seen
