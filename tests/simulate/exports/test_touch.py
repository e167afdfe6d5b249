"""LINE and call centre."""

import csv


def test_every_event_and_call_is_of_a_known_account(client):
    for folder, register, events, key, encoding in (
        ("line", "friends.csv", "events.csv", "ユーザーID", "utf-8"),
        ("call", "customers.csv", "calls.csv", "顧客番号", "cp932"),
    ):
        read = [
            list(csv.DictReader((client.folder / folder / name).read_text(encoding).splitlines()))
            for name in (register, events)
        ]
        known = {row[key] for row in read[0]}
        assert len(known) == len(read[0]) > 0
        assert {row[key] for row in read[1]} <= known


def test_a_call_with_an_impossible_date_is_in_the_file(client):
    text = (client.folder / "call" / "calls.csv").read_text("cp932")
    assert text.splitlines()[-1].startswith("990001,2026/02/30 11:05,K")
