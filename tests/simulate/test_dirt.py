"""Spoiled values still belong to the same person."""

import duckdb

from joren.identity.contacts import email_key, phone_key
from joren.identity.kana import kana_key
from joren.identity.kanji import fold_kanji
from joren.simulate.dirt import (
    birth_sql,
    email_sql,
    half_width,
    loose_form,
    older_forms,
    phone_sql,
    pick_sql,
    spellings,
)


def test_a_name_in_half_width_or_older_forms_normalises_to_the_original():
    assert half_width("タカハシ") == "ﾀｶﾊｼ"
    assert kana_key(half_width("タカギ")) == kana_key("タカギ")
    assert fold_kanji(older_forms("吉田", "utf-8")[0]) == "吉田"


def test_older_forms_are_those_the_encoding_can_write():
    assert older_forms("吉田", "cp932") == ["吉田"]
    assert older_forms("吉田", "utf-8") == ["𠮷田"]
    assert older_forms("高島", "cp932") == ["髙島", "高嶋"]
    assert older_forms("林", "utf-8") == ["林"]


def test_a_loose_form_sounds_the_same():
    for kana in ("オオノ", "アイヅ", "ヨウコ", "コンドウ", "ケン"):
        assert kana_key(loose_form(kana)) == kana_key(kana)
    assert loose_form("アイヅ") == "アイズ"


def test_spellings_hold_each_name_once_with_all_its_forms():
    table = spellings([("高木", "タカギ"), ("林", "ハヤシ"), ("高木", "タカギ")]).to_pylist()
    assert table[0] == {
        "name": "高木", "kana": "タカギ", "half": "ﾀｶｷﾞ", "loose": "タカギ", "loose_half": "ﾀｶｷﾞ",
        "cp932": ["髙木"], "utf8": ["髙木"],
    }  # fmt: skip
    assert len(table) == 2


def _drawn(expression: str) -> list:
    rows = duckdb.sql(f"SELECT {expression} FROM range(1000) r(i)").fetchall()
    return [value for (value,) in rows]


def test_phones_and_mails_spoiled_in_sql_normalise_to_the_original():
    phones = _drawn(phone_sql("'090-1111-2222'", "(i / 1000)"))
    assert len(set(phones)) == 5
    assert {phone_key(phone) for phone in phones} == {"+819011112222"}
    mails = _drawn(email_sql("'neko1@example.jp'", "(i / 1000)"))
    assert len(set(mails)) == 3
    assert {email_key(mail) for mail in mails} == {"neko1@example.jp"}


def test_one_birth_date_in_two_hundred_is_mistyped():
    born = _drawn(f"CAST({birth_sql("DATE '1980-02-03'", '(i / 1000)')} AS VARCHAR)")
    assert sum(not day.startswith("1980-02-03") for day in born) == 5


def test_each_form_is_as_likely():
    picked = _drawn(pick_sql("['a', 'b', 'c', 'd']", "(i / 1000)"))
    assert [picked.count(form) for form in "abcd"] == [250] * 4
