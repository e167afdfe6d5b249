"""Spoiled values still belong to the same person."""

from random import Random

from joren.identity.contacts import email_key, phone_key
from joren.identity.kana import kana_key
from joren.identity.kanji import fold_kanji
from joren.simulate.dirt import (
    half_width,
    loose_kana,
    older_kanji,
    spoiled_email,
    spoiled_phone,
)


def test_every_spoiled_phone_and_mail_normalises_to_the_original():
    rng = Random(1)
    phones = {phone_key(spoiled_phone(rng, "090-1111-2222")) for _ in range(200)}
    mails = {email_key(spoiled_email(rng, "neko1@example.jp")) for _ in range(200)}
    assert phones == {"+819011112222"}
    assert mails == {"neko1@example.jp"}


def test_spoiled_names_normalise_to_the_original():
    rng = Random(1)
    assert older_kanji(rng, "高橋", "cp932") == "髙橋"
    assert older_kanji(rng, "吉田", "cp932") == "吉田"
    assert fold_kanji(older_kanji(rng, "吉田", "utf-8")) == "吉田"
    assert half_width("タカハシ") == "ﾀｶﾊｼ"
    for kana in ("オオノ", "アイヅ", "ヨウコ", "コンドウ"):
        assert {kana_key(loose_kana(rng, kana)) for _ in range(20)} == {kana_key(kana)}
