"""The rows of a list's file."""

from __future__ import annotations

from tests.actions.handmade import AS_OF, drawn_of, facts_of, play, reach
from tests.lists.handmade import plain

from joren import text
from joren.actions.files import QUEUE, columns, everybody_listed, queue, rows
from joren.actions.playbook import playbook
from joren.actions.service import chosen, guests
from joren.params_actions import Actions, Service

CLEAR = dict.fromkeys(
    ("customer_id", "full_name", "email", "phone", "postal_code", "address", "line_id"), "string"
)
TIMES = {"customer_id": "string", "weekday": "int64", "hour": "int64"}


def file_rows(con, one, channel, language="ja", **address):
    facts = facts_of(con, {"customer_id": "a", "status": "at_risk", "rank": "high",
                           "ltv_365d": 1234.6, "why": ["order:2", "payment", "new:x"]})  # fmt: skip
    drawn = drawn_of(con, [one], facts, reach(con, ("a", channel)))
    clear = plain(con, "clear", CLEAR, [("a", *(address.get(name) for name in list(CLEAR)[1:]))])
    times = plain(con, "given_times", TIMES, [("a", 2, 20)])
    everybody = everybody_listed(con, drawn, facts, clear, times, language)
    return rows(everybody, one).to_pyarrow().to_pylist()


def test_a_letter_is_addressed_in_lines_with_its_title(con):
    letter = play("win_back_letter", channels=("dm",))
    row = file_rows(con, letter, "dm", full_name="伊藤 花", postal_code="0600001",
                    address="北海道札幌市中央区北1-2　さくら荘 101")[0]  # fmt: skip
    assert row["addressee"] == "伊藤 花 様"
    assert row["postal_code"] == "060-0001"
    assert (row["address_1"], row["address_2"]) == ("北海道札幌市中央区北1-2", "さくら荘 101")
    assert (row["place"], row["value"]) == (1, 1235)
    assert "email" not in row
    nameless = file_rows(con, letter, "dm", address="東京都港区1-1")[0]
    assert (nameless["addressee"], nameless["address_2"]) == ("お客様", None)


def test_a_call_has_a_number_as_it_is_dialled(con):
    call = play("cancel_watch", channels=("call",), calls_share=1.0)
    found = [
        file_rows(con, call, "call", phone=phone)[0]["address"]
        for phone in ("+818012345678", "+81312345678", "+14155550100")
    ]
    assert found == ["080-1234-5678", "0312345678", "+14155550100"]


def test_a_message_has_its_address_and_its_time(con):
    row = file_rows(con, play("lapsed", channels=("line",)), "line", line_id="U1")[0]
    assert (row["address"], row["send_weekday"], row["send_hour"]) == ("U1", "火曜日", 20)
    assert str(row["due_on"]) == "2026-04-07"


def test_codes_are_in_the_readers_words_and_ids_stay(con):
    call = play("cancel_watch", channels=("call",), calls_share=1.0)
    japanese, english = (
        file_rows(con, call, "call", language, phone="+818012345678")[0]
        for language in ("ja", "en")
    )
    assert (japanese["list"], japanese["status"], japanese["rank"]) == (
        "解約防止の電話", "離脱予備軍", "高LTV",
    )  # fmt: skip
    # a reason that has no words here is shown as it is
    assert japanese["why"] == "ここまでの回数 2、決済エラーの起こりやすさ、new:x"
    assert (english["list"], english["status"]) == ("Subscribers to call", "at risk")
    assert english["list_id"] == japanese["list_id"] == "cancel_watch-20260331"
    message = file_rows(con, play("lapsed"), "email", email="a@example.jp")[0]
    assert message["channel"] == "メール"


def test_every_header_of_every_list_stands_in_both_languages():
    for one in playbook(Actions(), 0.1):
        headers = [text.render(lang, key) for lang in ("ja", "en") for key in columns(one).values()]
        assert all(headers)


def test_a_stores_queue_names_who_is_served_and_closes_up_who_is_held_out(con):
    facts = facts_of(con, *(
        {"customer_id": f"c{n}", "ltv_365d": 100.0 - n, "ltv_365d_sd": 1.0, "status": "loyal",
         "rank": "high"}
        for n in range(8)
    ))  # fmt: skip
    homes = plain(con, "homes", {"customer_id": "string", "store": "string"},
                  [(f"c{n}", "Umeda") for n in range(8)])  # fmt: skip
    near = chosen(con, guests(con, facts, homes), {"Umeda": 8}, None, Service(hold_out=0.5), 1,
                  AS_OF)  # fmt: skip
    clear = plain(con, "clear", CLEAR, [("c0", "伊藤 花", *[None] * 5)])
    queued = queue(near, facts, clear, "ja").to_pyarrow()
    served = near.filter(near.served).order_by("position").to_pyarrow()

    assert 0 < queued.num_rows < 8
    assert queued["customer_id"].to_pylist() == served["customer_id"].to_pylist()
    assert queued["place"].to_pylist() == list(range(1, queued.num_rows + 1))
    names = {row["customer_id"]: row["full_name"] for row in queued.to_pylist()}
    assert names.pop("c0", "伊藤 花 様") == "伊藤 花 様"
    assert set(names.values()) == {"お客様"}
    assert not {"email", "phone", "address", "line_id"} & set(queued.column_names)
    assert queued.column_names == list(QUEUE)
