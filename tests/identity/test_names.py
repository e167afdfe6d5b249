"""Names as keys: split, turned round, read."""

from joren.identity.names import NameKeys, RawName, name_keys


def keys_of(*names: RawName) -> list[NameKeys]:
    found = name_keys(names)
    return [found[name] for name in names]


def test_width_blank_variant_and_title_do_not_matter():
    plain, wide, variant, selector, titled = keys_of(
        RawName("高橋", "恵子"),
        RawName(full="高橋　恵子"),
        RawName(full="髙橋 惠子"),
        RawName(full="高橋 恵\U000e0100子"),
        RawName(full="高橋 恵子 様"),
    )
    assert plain == wide == variant == selector == titled
    assert plain[:3] == ("高橋恵子", "高橋", "恵子")


def test_a_name_without_blank_is_split_where_others_show_a_family_name():
    joined, _ = keys_of(RawName(full="小山内共行"), RawName("小山内", "英"))
    assert joined[:3] == ("小山内共行", "小山内", "共行")


def test_a_name_without_blank_and_without_example_is_not_split():
    (joined,) = keys_of(RawName(full="高橋恵子"))
    assert joined[:3] == ("高橋恵子", None, None)


def test_a_name_in_reverse_order_is_turned_round():
    others = [RawName("佐藤", name) for name in ("花子", "太郎", "葵", "優", "光")]
    turned, *_ = keys_of(RawName(full="花子 佐藤"), *others, RawName("山田", "花子"))
    assert turned[:3] == ("佐藤花子", "佐藤", "花子")


def test_half_width_kana_is_the_sound():
    (keys,) = keys_of(RawName(full_kana="ﾀｶﾊｼ ｹｰｺ"))
    assert keys[3:6] == ("タカハシケイコ", "タカハシ", "ケイコ")


def test_a_name_written_in_kana_alone_is_its_own_reading():
    (keys,) = keys_of(RawName(full="たかはし けいこ"))
    assert keys.name is None
    assert keys.sound == "タカハシケイコ"


def test_kanji_are_read_as_the_clients_other_records_read_them():
    known = RawName("高橋", "恵子", "", "タカハシ", "ケイコ")
    read, _ = keys_of(RawName("髙橋", "惠子"), known)
    assert read.sound is None
    assert read.reading == "タカハシケイコ"


def test_a_single_latin_word_is_a_nickname():
    (keys,) = keys_of(RawName(full="hanako"))
    assert keys == NameKeys(latin=True)


def test_latin_names_compare_in_either_order():
    first, second, split = keys_of(
        RawName(full="John Smith"), RawName(full="SMITH, John"), RawName("Smith", "John")
    )
    assert first.name == second.name == split.name == "john smith"


def test_an_empty_name_has_no_keys():
    assert keys_of(RawName()) == [NameKeys()]


def test_a_family_name_alone_is_no_full_name():
    others = [RawName("", "", "", "イガラシ", name) for name in ("ハナコ", "タロウ")]
    alone, *_ = keys_of(RawName(full_kana="イガラシ"), *others)
    assert (alone.sound, alone.family_sound, alone.given_sound) == (None, "イガラシ", None)
