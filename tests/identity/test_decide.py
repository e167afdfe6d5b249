"""Named cases: who is one person and who is not."""

import json
from datetime import date

HANAKO = {"full_name": "佐藤 花子", "full_kana": "サトウ ハナコ"}


def test_width_blanks_lost_zeros_and_selectors_do_not_part_a_person(decide_records):
    written = {
        "width and blank": {"full_name": "佐藤　花子", "phone": "０９０１１１１０００１"},
        "lost leading zero": {"full_name": "佐藤花子", "phone": "9011110002"},
        "half-width kana, +81": {"full_kana": "ｻﾄｳ ﾊﾅｺ", "phone": "+819011110003"},
        "selector": {"full_name": "佐藤 花\U000e0100子", "phone": "090 1111 0004"},
    }
    pos = {f"pos:{n}": values for n, values in enumerate(written.values(), start=1)}
    web = {f"web:{n}": HANAKO | {"phone": f"090-1111-{n:04d}"} for n in range(1, 5)}
    outcome = decide_records(pos | web)
    assert outcome.groups == {frozenset({f"pos:{n}", f"web:{n}"}) for n in range(1, 5)}
    edge = outcome.edge("pos:1", "web:1")
    assert (edge["rule"], edge["match_probability"]) == ("phone_and_name", 0.997)


def test_spellings_of_a_name_are_support(decide_records):
    pairs = [
        ({"full_name": "髙橋 恵子"}, {"full_name": "高橋 惠子"}),
        ({"full_name": "山﨑 誠"}, {"full_name": "山崎 誠"}),
        ({"full_kana": "オーノ ヨーコ"}, {"full_kana": "オオノ ヨウコ"}),
        ({"full_kana": "アイヅ チヅル"}, {"full_kana": "アイズ チズル"}),
    ]
    records = {}
    for n, (one, other) in enumerate(pairs):
        records[f"pos:{n}"] = one | {"email": f"neko{n}@example.jp"}
        records[f"web:{n}"] = other | {"email": f"NEKO{n}@example.jp"}
    outcome = decide_records(records)
    assert outcome.groups == {frozenset({f"pos:{n}", f"web:{n}"}) for n in range(4)}


def test_a_placeholder_phone_links_nobody(decide_records):
    outcome = decide_records(
        {f"pos:{n}": {"full_name": "佐藤 花子", "phone": "000-0000-0000"} for n in range(3)}
    )
    assert outcome.together == set()
    assert outcome.edges == {}


def test_twelve_customers_sharing_the_shop_phone_stay_apart(decide_records):
    families = "佐 鈴 高 田 伊 渡 山 中 小 加 吉 森"
    names = [f"{family}木 誠" for family in families.split()]
    shop = {f"pos:{n}": {"full_name": name} for n, name in enumerate([*names, names[0]])}
    outcome = decide_records({p: values | {"phone": "03-1111-0100"} for p, values in shop.items()})
    assert len(outcome.groups) == 13
    assert outcome.generic == ["+81311110100"]


def test_a_family_on_one_phone_mail_and_address_stays_four_people(decide_records):
    shared = {
        "phone": "090-1111-2222",
        "email": "family@example.jp",
        "postal_code": "154-0001",
        "address": "東京都世田谷区桜台1-2-3",
    }
    family = {
        "web:1": {"full_name": "佐藤 誠", "birth_date": "1970-05-01", "gender": "男"},
        "web:2": {"full_name": "佐藤 花子", "birth_date": "1972-06-01", "gender": "女"},
        "web:3": {"full_name": "佐藤 葵", "birth_date": "2003-07-01", "gender": "女"},
        "web:4": {"full_name": "佐藤 凛", "birth_date": "2003-07-01", "gender": "女"},
    }
    outcome = decide_records({name: dated(values | shared) for name, values in family.items()})
    assert outcome.together == set()


def test_twins_known_in_kana_alone_stay_apart(decide_records):
    shared = {"phone": "090-1111-2222", "birth_date": "2003-07-01"}
    twins = {
        "pos:1": {"full_kana": "ｻﾄｳ ﾐｻｷ"},
        "pos:2": {"full_kana": "ｻﾄｳ ﾐｻﾄ"},
        "web:1": {"full_name": "佐藤 美咲", "full_kana": "サトウ ミサキ"},
    }
    outcome = decide_records({name: dated(values | shared) for name, values in twins.items()})
    assert frozenset({"pos:1", "web:1"}) in outcome.groups


def test_father_and_son_with_the_same_kanji_stay_apart(decide_records):
    shared = {"full_name": "佐藤 誠", "phone": "03-2222-0100", "address": "桜台1-2-3"}
    outcome = decide_records(
        {
            "pos:1": dated(shared | {"birth_date": "1950-05-01"}),
            "pos:2": dated(shared | {"birth_date": "1980-06-02"}),
        }
    )
    assert outcome.together == set()
    assert outcome.edge("pos:1", "pos:2")["decision"] == "reject"


def test_a_common_name_born_on_one_day_in_two_towns_goes_to_review(decide_records):
    same = HANAKO | {"birth_date": "1980-06-02"}
    outcome = decide_records(
        {
            "pos:1": dated(same | {"postal_code": "154-0001"}),
            "web:1": dated(same | {"postal_code": "810-0001"}),
        }
    )
    assert outcome.together == set()
    assert outcome.edge("pos:1", "web:1")["decision"] == "review"


def test_name_and_birth_date_in_one_town_are_one_person(decide_records):
    same = dated(HANAKO | {"birth_date": "1980-06-02", "postal_code": "154-0001"})
    outcome = decide_records({"pos:1": same, "web:1": same | {"phone": "090-1111-2222"}})
    assert outcome.together == {frozenset({"pos:1", "web:1"})}
    assert outcome.edge("pos:1", "web:1")["rule"] == "name_and_birth_date"


def test_a_new_family_name_with_the_same_mail_and_birth_date_is_one_person(decide_records):
    same = {"email": "hana@example.jp", "birth_date": "1990-06-02"}
    outcome = decide_records(
        {
            "web:1": dated(same | {"full_name": "佐藤 花子"}),
            "web:2": dated(same | {"full_name": "鈴木 花子"}),
        }
    )
    assert outcome.together == {frozenset({"web:1", "web:2"})}


def test_one_person_with_two_cards_is_one(decide_records):
    outcome = decide_records(
        {
            "pos:1": HANAKO | {"card_no": "2900000001", "phone": "090-1111-2222"},
            "pos:2": HANAKO | {"card_no": "2900000002", "phone": "09011112222"},
        }
    )
    assert outcome.together == {frozenset({"pos:1", "pos:2"})}


def test_a_card_links_records_that_have_nothing_else(decide_records):
    outcome = decide_records(
        {"pos:1": {"card_no": "29-00000001"}, "app:1": HANAKO | {"card_no": "2900000001"}}
    )
    assert outcome.edge("app:1", "pos:1")["rule"] == "card"
    assert outcome.together == {frozenset({"app:1", "pos:1"})}


def test_a_chat_account_without_a_name_joins_the_only_owner_of_its_phone(decide_records):
    outcome = decide_records(
        {
            "line:1": {"line_id": "U" + "a" * 32, "phone": "090-1111-2222"},
            "web:1": HANAKO | {"phone": "090-1111-2222"},
        }
    )
    assert outcome.edge("line:1", "web:1")["rule"] == "sole_owner"
    assert outcome.together == {frozenset({"line:1", "web:1"})}


def test_a_chat_account_whose_phone_a_couple_shares_goes_to_review(decide_records):
    phone = {"phone": "090-1111-2222"}
    outcome = decide_records(
        {
            "line:1": phone,
            "web:1": {"full_name": "佐藤 花子"} | phone,
            "web:2": {"full_name": "佐藤 誠"} | phone,
        }
    )
    assert outcome.together == set()
    assert outcome.edge("line:1", "web:1")["decision"] == "review"


def test_two_line_ids_are_no_evidence_against_a_match(decide_records):
    phone = {"phone": "090-1111-2222"}
    outcome = decide_records(
        {
            "line:1": HANAKO | phone | {"line_id": "U" + "a" * 32},
            "shop:1": HANAKO | phone | {"line_id": "U" + "b" * 32},
        }
    )
    assert outcome.together == {frozenset({"line:1", "shop:1"})}


def test_numbers_of_two_systems_are_no_shared_line_id(decide_records):
    outcome = decide_records(
        {"a:1": HANAKO | {"line_id": "42"}, "b:1": {"full_name": "鈴木 誠", "line_id": "42"}}
    )
    assert outcome.together == set()


def test_a_phone_with_nothing_to_compare_goes_to_review(decide_records):
    outcome = decide_records(
        {
            "pos:1": {"full_kana": "ｻﾄｳ ﾊﾅｺ", "phone": "090-1111-2222"},
            "web:1": {"full_name": "鈴木 葵", "phone": "090-1111-2222"},
        }
    )
    edge = outcome.edge("pos:1", "web:1")
    assert (edge["rule"], edge["match_probability"], edge["decision"]) == (
        "phone_alone",
        0.83,
        "review",
    )


def test_conflicting_gender_blocks_a_shared_phone(decide_records):
    phone = {"phone": "090-1111-2222"}
    outcome = decide_records(
        {
            "pos:1": {"full_name": "佐藤 光", "gender": "男"} | phone,
            "web:1": {"full_name": "佐藤 光", "gender": "女性"} | phone,
        }
    )
    assert outcome.together == set()
    assert outcome.edge("pos:1", "web:1")["match_probability"] == 0.19


def test_a_chain_over_a_silent_record_is_refused_and_said_so(decide_records):
    outcome = decide_records(
        {
            "pos:1": dated({"birth_date": "1970-01-05", "card_no": "29000001"} | HANAKO),
            "pos:2": {"card_no": "29000001", "phone": "090-1111-2222", "full_name": "佐藤 花子"},
            "pos:3": dated({"birth_date": "1999-09-09", "phone": "090-1111-2222"} | HANAKO),
        }
    )
    assert outcome.together == {frozenset({"pos:1", "pos:2"})}
    edge = outcome.edge("pos:2", "pos:3")
    assert edge["decision"] == "review"
    assert json.loads(edge["evidence"])["refused"] == "birth_date"


def test_evidence_holds_no_values(decide_records):
    outcome = decide_records(
        {
            "pos:1": HANAKO | {"phone": "090-1111-2222"},
            "web:1": HANAKO | {"phone": "090-1111-2222", "email": "hana@example.jp"},
        }
    )
    assert json.loads(outcome.edge("pos:1", "web:1")["evidence"]) == {
        "phone": "same", "email": "unknown", "card": "unknown", "line": "unknown", "name": "same",
        "birth_date": "unknown", "gender": "unknown", "postal": "unknown", "address": "unknown",
    }  # fmt: skip


def test_a_verdict_keeps_two_records_apart(decide_records):
    same = HANAKO | {"phone": "090-1111-2222"}
    outcome = decide_records(
        {"pos:1": same, "web:1": same, "web:2": same}, apart=[(("pos", "1"), ("web", "2"))]
    )
    assert outcome.together == {frozenset({"pos:1", "web:1"})}


def test_a_wider_review_band_links_less(decide_records):
    same = HANAKO | {"phone": "090-1111-2222"}
    outcome = decide_records({"pos:1": same, "web:1": same}, review_band=(0.5, 0.999))
    assert outcome.edge("pos:1", "web:1")["decision"] == "review"
    assert outcome.together == set()


def dated(values: dict) -> dict:
    return values | {"birth_date": date.fromisoformat(values["birth_date"])}


def test_what_staff_typed_to_try_the_till_is_joined_with_nobody(decide_records):
    typed = {"full_name": "テスト テスト", "phone": "000-0000-0000", "email": "test@example.jp"}
    shop = {"full_name": "テスト", "phone": "090-1234-5678", "email": "shop@example.jp"}
    outcome = decide_records(
        {
            "pos:1": typed,
            "pos:2": typed | {"phone": "0000000000"},
            "web:1": shop,
            "web:2": HANAKO | {"phone": "090-1234-5678", "email": "test@example.jp"},
        }
    )
    assert outcome.together == set()
