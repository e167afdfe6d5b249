"""What decides between one person and two; the cases met in shops are in test_named_cases."""

import json
from datetime import date

HANAKO = {"full_name": "佐藤 花子", "full_kana": "サトウ ハナコ"}


def test_name_and_birth_date_in_one_town_are_one_person(decide_records):
    same = dated(HANAKO | {"birth_date": "1980-06-02", "postal_code": "154-0001"})
    outcome = decide_records({"pos:1": same, "web:1": same | {"phone": "090-1111-2222"}})
    assert outcome.together == {frozenset({"pos:1", "web:1"})}
    assert outcome.edge("pos:1", "web:1")["rule"] == "name_and_birth_date"


def test_a_card_links_records_that_have_nothing_else(decide_records):
    outcome = decide_records(
        {"pos:1": {"card_no": "29-00000001"}, "app:1": HANAKO | {"card_no": "2900000001"}}
    )
    assert outcome.edge("app:1", "pos:1")["rule"] == "card"
    assert outcome.together == {frozenset({"app:1", "pos:1"})}


def test_a_caller_with_a_family_name_alone_joins_the_only_owner_of_the_phone(decide_records):
    phone = {"phone": "090-1111-2222"}
    web = {"web:1": HANAKO | phone, "web:2": {"full_name": "鈴木 誠", "full_kana": "スズキ マコト"}}
    outcome = decide_records({"call:1": {"full_kana": "サトウ"} | phone} | web)
    assert outcome.edge("call:1", "web:1")["rule"] == "sole_owner"
    assert outcome.together == {frozenset({"call:1", "web:1"})}


def test_a_caller_of_another_family_does_not_join_the_owner_of_the_phone(decide_records):
    phone = {"phone": "090-1111-2222"}
    web = {"web:1": HANAKO | phone, "web:2": {"full_name": "鈴木 誠", "full_kana": "スズキ マコト"}}
    outcome = decide_records({"call:1": {"full_kana": "スズキ"} | phone} | web)
    assert outcome.together == set()
    assert outcome.edge("call:1", "web:1")["decision"] == "review"


def test_a_caller_whose_family_shares_the_phone_goes_to_review(decide_records):
    phone = {"phone": "090-1111-2222"}
    couple = {"web:1": HANAKO | phone, "web:2": {"full_kana": "サトウ マコト"} | phone}
    outcome = decide_records({"call:1": {"full_kana": "サトウ"} | phone} | couple)
    assert outcome.together == set()
    assert outcome.edge("call:1", "web:1")["decision"] == "review"


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
