"""The cases every shop meets, by name: who is one person, who is not, and what is undone."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from joren.engine import connect
from joren.identity.consolidation import proposed_transfers
from joren.identity.customer360 import look_up
from joren.identity.kpis import purchases_by_customer

HANAKO = {"full_name": "佐藤 花子", "full_kana": "サトウ ハナコ"}
PHONE = {"phone": "090-1111-2222"}
POS, WEB = ("pos", "1"), ("web", "1")
TWO = {"pos:1": HANAKO | PHONE, "web:1": HANAKO | PHONE}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"phone": "０９０１１１１２２２２"}, PHONE, id="full-width digits"),
        pytest.param({"phone": "090‐1111−2222"}, PHONE, id="hyphens of Unicode"),
        pytest.param({"phone": "090ー1111ー2222"}, PHONE, id="long vowels for hyphens"),
        pytest.param({"phone": "090 1111 2222"}, PHONE, id="blanks for hyphens"),
        pytest.param({"phone": "9011112222"}, PHONE, id="lost leading zero"),
        pytest.param({"phone": "+819011112222"}, PHONE, id="+81"),
        pytest.param({"phone": "+81 (0)90-1111-2222"}, PHONE, id="+81 (0)"),
        pytest.param({"full_name": "佐藤　花子"}, {}, id="ideographic space"),
        pytest.param({"full_name": "佐藤花子"}, {}, id="no space"),
        pytest.param({"full_name": None, "full_kana": "ｻﾄｳ ﾊﾅｺ"}, {}, id="half-width kana"),
        pytest.param({"full_name": "佐藤 花\U000e0100子"}, {}, id="IVS"),
    ],
)
def test_width_hyphen_space_zero_and_selector_do_not_part_a_person(decide_records, one, other):
    same = HANAKO | PHONE
    outcome = decide_records({"pos:1": same | one, "web:1": same | other})
    assert outcome.together == {frozenset({"pos:1", "web:1"})}
    edge = outcome.edge("pos:1", "web:1")
    assert (edge["rule"], edge["match_probability"]) == ("phone_and_name", 0.997)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"full_name": "髙橋 恵子"}, {"full_name": "高橋 惠子"}, id="髙 高"),
        pytest.param({"full_name": "山﨑 誠"}, {"full_name": "山崎 誠"}, id="﨑 崎"),
        pytest.param({"full_name": "渡邊 誠"}, {"full_name": "渡辺 誠"}, id="邊 辺"),
        pytest.param({"full_kana": "オーノ ヨーコ"}, {"full_kana": "オオノ ヨウコ"}, id="ー ウ"),
        pytest.param({"full_kana": "サトー ユーコ"}, {"full_kana": "サトウ ユウコ"}, id="ー ウ ウ"),
        pytest.param({"full_kana": "アイヅ チヅル"}, {"full_kana": "アイズ チズル"}, id="ヅ ズ"),
        pytest.param({"full_kana": "チヂワ ケン"}, {"full_kana": "チジワ ケン"}, id="ヂ ジ"),
    ],
)
def test_spellings_of_a_name_are_support_for_a_shared_mail(decide_records, one, other):
    mail = {"email": "neko@example.jp"}
    outcome = decide_records({"pos:1": one | mail, "web:1": other | {"email": "NEKO@example.jp"}})
    assert outcome.together == {frozenset({"pos:1", "web:1"})}


def test_a_placeholder_phone_links_nobody(decide_records):
    outcome = decide_records(
        {f"pos:{n}": {"full_name": "佐藤 花子", "phone": "000-0000-0000"} for n in range(3)}
    )
    assert outcome.together == set()
    assert outcome.edges == {}


def test_one_shop_phone_on_twelve_names_links_nobody(decide_records):
    families = "佐 鈴 高 田 伊 渡 山 中 小 加 吉 森"
    names = [f"{family}木 誠" for family in families.split()]
    shop = {f"pos:{n}": {"full_name": name} for n, name in enumerate([*names, names[0]])}
    outcome = decide_records({p: values | {"phone": "03-1111-0100"} for p, values in shop.items()})
    assert len(outcome.groups) == 13
    assert outcome.generic == ["+81311110100"]


def test_parents_and_twins_sharing_phone_mail_and_address_stay_four_people(decide_records):
    shared = {
        "phone": "090-1111-2222",
        "email": "family@example.jp",
        "postal_code": "154-0001",
        "address": "東京都世田谷区桜台1-2-3",
    }
    family = {
        "web:1": {"full_name": "佐藤 誠", "birth_date": date(1970, 5, 1), "gender": "男"},
        "web:2": {"full_name": "佐藤 花子", "birth_date": date(1972, 6, 1), "gender": "女"},
        "web:3": {"full_name": "佐藤 葵", "birth_date": date(2003, 7, 1), "gender": "女"},
        "web:4": {"full_name": "佐藤 凛", "birth_date": date(2003, 7, 1), "gender": "女"},
    }
    outcome = decide_records({name: values | shared for name, values in family.items()})
    assert outcome.together == set()


def test_twins_known_in_kana_alone_stay_apart(decide_records):
    shared = PHONE | {"birth_date": date(2003, 7, 1)}
    twins = {
        "pos:1": {"full_kana": "ｻﾄｳ ﾐｻｷ"},
        "pos:2": {"full_kana": "ｻﾄｳ ﾐｻﾄ"},
        "web:1": {"full_name": "佐藤 美咲", "full_kana": "サトウ ミサキ"},
    }
    outcome = decide_records({name: values | shared for name, values in twins.items()})
    assert frozenset({"pos:1", "web:1"}) in outcome.groups


def test_father_and_son_with_the_same_kanji_stay_apart(decide_records):
    home = {"full_name": "佐藤 誠", "phone": "03-2222-0100", "address": "桜台1-2-3"}
    born = {"pos:1": date(1950, 5, 1), "pos:2": date(1980, 6, 2)}
    outcome = decide_records({name: home | {"birth_date": day} for name, day in born.items()})
    assert outcome.together == set()
    assert outcome.edge("pos:1", "pos:2")["decision"] == "reject"


def test_father_and_son_whose_one_kanji_is_read_otherwise_stay_apart(decide_records):
    home = {"full_name": "佐藤 誠", "phone": "03-2222-0100", "address": "桜台1-2-3"}
    said = {"pos:1": "サトウ マコト", "pos:2": "サトウ セイ"}
    known = {name: home | {"full_kana": kana} for name, kana in said.items()}
    outcome = decide_records(known | {"web:1": home})
    assert all(not {"pos:1", "pos:2"} <= group for group in outcome.groups)
    assert outcome.edge("pos:1", "pos:2")["decision"] == "reject"
    misread = {"birth_date": date(1980, 6, 2)}
    born_alike = decide_records({name: values | misread for name, values in known.items()})
    assert born_alike.together == {frozenset(known)}


def test_a_common_name_born_on_one_day_in_two_towns_goes_to_review(decide_records):
    same = HANAKO | {"birth_date": date(1980, 6, 2)}
    outcome = decide_records(
        {"pos:1": same | {"postal_code": "154-0001"}, "web:1": same | {"postal_code": "810-0001"}}
    )
    assert outcome.together == set()
    assert outcome.edge("pos:1", "web:1")["decision"] == "review"


def test_a_married_name_with_the_same_mail_and_birth_date_is_one_person(decide_records):
    same = {"email": "hana@example.jp", "birth_date": date(1990, 6, 2)}
    outcome = decide_records(
        {"web:1": same | {"full_name": "佐藤 花子"}, "web:2": same | {"full_name": "鈴木 花子"}}
    )
    assert outcome.together == {frozenset({"web:1", "web:2"})}


def test_one_person_with_two_cards_is_one(decide_records):
    outcome = decide_records(
        {
            "pos:1": HANAKO | PHONE | {"card_no": "2900000001"},
            "pos:2": HANAKO | PHONE | {"card_no": "2900000002"},
        }
    )
    assert outcome.together == {frozenset({"pos:1", "pos:2"})}


def test_a_line_account_without_a_name_joins_the_only_owner_of_its_phone(decide_records):
    outcome = decide_records({"line:1": PHONE | {"line_id": "U" + "a" * 32}, "web:1": TWO["web:1"]})
    assert outcome.edge("line:1", "web:1")["rule"] == "sole_owner"
    assert outcome.together == {frozenset({"line:1", "web:1"})}


def test_a_line_account_whose_phone_a_couple_shares_goes_to_review(decide_records):
    outcome = decide_records(
        {
            "line:1": PHONE | {"line_id": "U" + "a" * 32},
            "web:1": {"full_name": "佐藤 花子"} | PHONE,
            "web:2": {"full_name": "佐藤 誠"} | PHONE,
        }
    )
    assert outcome.together == set()
    assert outcome.edge("line:1", "web:1")["decision"] == "review"


def test_a_staff_test_customer_is_joined_with_nobody(decide_records):
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


def test_a_record_of_the_second_batch_that_proves_a_merge_wrong_splits_it(link_records):
    silent = {"full_name": "佐藤 誠"} | PHONE
    known = {
        "pos:1": silent | {"card_no": "29000001"},
        "web:1": silent | {"birth_date": date(1980, 1, 5)},
    }
    merged = link_records(known)
    assert merged.customer("pos:1") == merged.customer("web:1")
    proof = silent | {"card_no": "29000001", "birth_date": date(1950, 5, 1)}
    split = link_records(known | {"app:1": proof})
    assert split.customer("pos:1") == split.customer("app:1") != split.customer("web:1")
    event = split.events[split.events.kind == "split"].iloc[0]
    assert list(event.customer_ids_before) == [merged.customer("pos:1")]
    assert set(event.customer_ids_after) == set(split.map.customer_id)
    assert "birth_date" in event.reason
    assert sorted(split.tables.identity_history.execute().kind) == ["create", "split"]


def test_a_reviewers_veto_survives_reruns_later_evidence_and_a_rebase(link_records):
    assert len(link_records(TWO).groups) == 1
    parted = link_records(TWO, apart=[(POS, WEB)])
    assert parted.events[["kind", "actor", "reason"]].values.tolist() == [
        ["unmerge", "reviewer", "verdict_different"]
    ]
    assert link_records(TWO).events.empty
    card = {name: values | {"card_no": "29000001"} for name, values in TWO.items()}
    later = link_records(card | {"app:1": card["pos:1"]})
    assert later.customer("pos:1") != later.customer("web:1")
    edges = later.tables.identity_edges
    assert "verdict_different" in edges.filter(edges.decision == "reject").rule.execute().tolist()
    assert link_records(card).events.query("kind == 'merge'").empty
    anew = link_records(card, rebase=True)
    assert anew.customer("pos:1") != anew.customer("web:1")


TARO = {"full_name": "鈴木 太郎", "full_kana": "スズキ タロウ", "birth_date": date(1970, 1, 5)}
ORDERS = [
    {"source": source, "order_id": "1", "source_id": "1", "amount": Decimal(amount),
     "ordered_at": datetime(2026, 1, day, 10), "status": "valid"}
    for source, amount, day in (("pos", 100, 5), ("web", 900, 6))
]  # fmt: skip
BALANCES = [
    {"source": "crm", "source_id": source_id, "account": source_id, "as_of": datetime(2026, 3, 31),
     "balance": balance}
    for source_id, balance in (("7", 300), ("8", 50))
]  # fmt: skip
ENTRIES = [
    {"source": "crm", "entry_id": source_id, "source_id": source_id, "account": source_id,
     "occurred_at": datetime(2026, 1, 5), "kind": "grant", "points": points}
    for source_id, points in (("7", 300), ("8", 50))
]  # fmt: skip


def test_unmerge_restores_balances_purchases_and_histories(link_records, canonical_rows):
    people = {"pos:1": HANAKO, "crm:7": HANAKO, "web:1": TARO, "crm:8": TARO}
    cards = {"pos:1": "29000001", "crm:7": "29000001", "web:1": "29000002", "crm:8": "29000002"}
    records = {name: people[name] | {"card_no": cards[name]} for name in people}
    ends = (("crm", "7"), ("crm", "8"))

    def state(outcome) -> dict[str, tuple]:
        """Of each person's customer: points, entries, value, orders; and what is to be moved."""
        tables = tables_of(outcome, canonical_rows)
        moved = proposed_transfers(
            tables["canonical/point_balances_reported"], tables["canonical/point_entries"],
            tables["canonical/customers"], tables["identity_map"],
        ).execute()  # fmt: skip
        owners = tables["identity_map"]
        held = tables["canonical/point_balances_reported"].inner_join(
            owners, ["source", "source_id"]
        )
        held = held.group_by("customer_id").agg(held=held.balance.sum(), accounts=held.count())
        held = held.execute().set_index("customer_id")
        bought = purchases_by_customer(tables["canonical/orders"], owners).execute()
        value = bought.set_index("customer_id").value
        return {
            name: (
                int(held.held[outcome.customer(name)]), int(held.accounts[outcome.customer(name)]),
                float(value[outcome.customer(name)]), len(moved),
                look_up(outcome.customer(name), tables.get).orders.source.tolist(),
            )
            for name in ("pos:1", "web:1")
        }  # fmt: skip

    apart = link_records(records, ORDERS)
    before = state(apart)
    assert before == {"pos:1": (300, 1, 100.0, 0, ["pos"]), "web:1": (50, 1, 900.0, 0, ["web"])}
    together = link_records(records, ORDERS, joined=[ends])
    both = (350, 2, 1000.0, 2, ["pos", "web"])
    assert state(together) == {"pos:1": both, "web:1": both}
    parted = link_records(records, ORDERS, apart=[ends])
    assert state(parted) == before
    told = look_up(parted.customer("pos:1"), tables_of(parted, canonical_rows).get).history
    assert {"merge", "unmerge"} <= set(told.kind)
    history = parted.tables.identity_history.execute()
    assert sorted(history.kind) == ["create", "create", "merge", "unmerge"]
    ids = {i for column in ("customer_ids_before", "customer_ids_after")
           for event in history[column] for i in event}  # fmt: skip
    assert len(ids) == 3  # the ID that ended in the merge is not given again


def tables_of(outcome, canonical_rows) -> dict:
    """What the lookup and the transfers read, in an engine of their own."""
    con = connect()
    given = {"orders": ORDERS, "point_balances_reported": BALANCES, "point_entries": ENTRIES,
             "customers": []}  # fmt: skip
    tables = {
        f"canonical/{name}": con.create_table(name, canonical_rows(rows, name))
        for name, rows in given.items()
    }
    for name in ("identity_map", "identity_history"):
        tables[name] = con.create_table(name, getattr(outcome.tables, name).to_pyarrow())
    for name in ("ltv", "point_balances"):
        tables[name] = con.create_table(name, schema={"customer_id": "string"})
    return tables
