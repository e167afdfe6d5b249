"""Who may be contacted, and where."""

from __future__ import annotations

from datetime import datetime

from tests.lists.handmade import mapped, rows_of

from joren.lists.addressing import addresses
from joren.lists.consent import reachable

ALL = ("dm", "line", "call")


def channels(con, *customers, silence=ALL):
    """Reachable channels by customer; each customer is (id, consents, golden, records)."""
    golden, analysed, records, pairs = [], [], [], []
    for customer, consents, clear, own in customers:
        golden.append({"customer_id": customer, "value_sources": "{}"} | clear)
        analysed.append({"customer_id": customer, "channels": [], "consents": consents})
        for source, facts in own:
            records.append({"source": source, "source_id": customer} | facts)
            pairs.append((source, customer, customer))
    identity_map = mapped(con, *pairs)
    canonical = rows_of(con, "canonical_given", records, "canonical/customers")
    known = addresses(
        rows_of(con, "golden_given", golden, "restricted/customers"), canonical, identity_map
    )
    found = reachable(
        rows_of(con, "customers_given", analysed, "customers"), known, canonical, identity_map,
        silence,
    )  # fmt: skip
    by_customer: dict[str, set[str]] = {customer: set() for customer, *_rest in customers}
    for row in found.to_pyarrow().to_pylist():
        by_customer[row["customer_id"]].add(row["channel"])
    return by_customer


def mail(address, source):
    return {"email": address, "value_sources": f'{{"email": "{source}"}}'}


def test_silence_is_no_consent_to_mail_and_consent_needs_an_address(con):
    found = channels(
        con,
        ("yes", ["email"], mail("a@x.jp", "web"), [("web", {"consent_email": True})]),
        ("silent", [], mail("b@x.jp", "web"), [("web", {})]),
        ("without", ["email"], {}, [("web", {"consent_email": True})]),
    )
    assert found == {"yes": {"email"}, "silent": set(), "without": set()}


def test_a_refusal_on_the_record_that_owns_the_address_wins(con):
    records = [("pos", {"consent_email": False}), ("web", {"consent_email": True})]
    found = channels(
        con,
        ("of_pos", ["email"], mail("a@x.jp", "pos"), records),
        ("of_web", ["email"], mail("b@x.jp", "web"), records),
    )
    assert found == {"of_pos": set(), "of_web": {"email"}}


def test_the_last_thing_said_counts_where_the_owner_said_nothing(con):
    records = [("mall", {}), ("web", {"consent_email": False})]
    found = channels(
        con,
        ("no", [], mail("a@x.jp", "mall"), records),
        ("yes", ["email"], mail("b@x.jp", "mall"),
         [("mall", {}), ("web", {"consent_email": True})]),
    )  # fmt: skip
    assert found == {"no": set(), "yes": {"email"}}


def test_an_address_refused_by_one_is_closed_to_all_who_share_it(con):
    found = channels(
        con,
        ("mother", [], mail("family@x.jp", "pos"), [("pos", {"consent_email": False})]),
        ("son", ["email"], mail("family@x.jp", "web"), [("web", {"consent_email": True})]),
    )
    assert found == {"mother": set(), "son": set()}


def test_whether_silence_lets_a_letter_through_is_a_parameter(con):
    home = {"address": "東京都港区1-1", "value_sources": '{"address": "pos"}'}
    people = [
        ("yes", ["dm"], home, [("pos", {"consent_dm": True})]),
        ("no", [], home, [("pos", {"consent_dm": False})]),
        ("silent", [], home, [("pos", {})]),
    ]
    assert channels(con, *people) == {"yes": {"dm"}, "no": set(), "silent": {"dm"}}
    assert channels(con, *people, silence=()) == {"yes": {"dm"}, "no": set(), "silent": set()}


def test_a_line_friend_is_reached_unless_she_refused(con):
    found = channels(
        con,
        ("friend", [], {}, [("line", {"line_id": "U1"})]),
        ("refused", [], {}, [("line", {"line_id": "U2", "consent_line": False})]),
        ("stranger", ["line"], {}, [("web", {"consent_line": True})]),
    )
    assert found == {"friend": {"line"}, "refused": set(), "stranger": set()}


def test_the_newest_of_several_line_accounts_is_used(con):
    records = [
        {"source": "line", "source_id": "1", "line_id": "Uold",
         "registered_at": datetime(2024, 1, 1)},
        {"source": "line", "source_id": "2", "line_id": "Unew",
         "registered_at": datetime(2025, 1, 1)},
    ]  # fmt: skip
    found = addresses(
        rows_of(con, "golden_given", [{"customer_id": "A", "value_sources": "{}"}],
                "restricted/customers"),
        rows_of(con, "canonical_given", records, "canonical/customers"),
        mapped(con, ("line", "1", "A"), ("line", "2", "A")),
    )  # fmt: skip
    assert found.to_pyarrow().to_pylist()[0]["line_id"] == "Unew"


def test_calls_need_a_phone_and_the_parameter(con):
    people = [("A", [], {"phone": "+8190"}, [("call", {})]), ("B", [], {}, [("call", {})])]
    assert channels(con, *people) == {"A": {"call"}, "B": set()}
    assert channels(con, *people, silence=("dm",)) == {"A": set(), "B": set()}
