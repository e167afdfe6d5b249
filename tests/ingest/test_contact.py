from __future__ import annotations

import ibis
import pytest

from joren.ingest.contact import CONTACT, with_contact


@pytest.fixture
def keys(con):
    def run(*contacts: tuple[str | None, ...]) -> list[str | None]:
        names = [f"c{n}" for n in range(len(contacts[0]))]
        rows = [
            dict(zip(names, contact, strict=True)) | {"n": n} for n, contact in enumerate(contacts)
        ]
        schema = dict.fromkeys(names, "string") | {"n": "int64"}
        table = con.create_table("_contacts", ibis.memtable(rows, schema=schema), overwrite=True)
        made = with_contact(table, names).order_by("n")
        return made.to_pyarrow()[CONTACT].to_pylist()

    return run


def test_mail_phone_and_name_are_the_same_however_written(keys):
    found = keys(
        ("A@Example.jp", "090-1111-0001", "佐藤 花子"),
        ("a@example.jp", "０９０１１１１０００１", "佐藤　花子"),
        ("a@example.jp", "(090)1111 0001", "佐藤花子"),
    )
    assert len(set(found)) == 1


def test_any_difference_makes_another_contact(keys):
    found = keys(
        ("a@example.jp", "090-1111-0001", "佐藤花子"),
        ("b@example.jp", "090-1111-0001", "佐藤花子"),
        ("a@example.jp", "090-1111-0002", "佐藤花子"),
        ("a@example.jp", "090-1111-0001", "佐藤太郎"),
        ("a@example.jp", None, "佐藤花子"),
    )
    assert len(set(found)) == 5


def test_a_phone_that_fills_the_field_says_nothing(keys):
    filler, empty, nothing = keys(
        ("a@example.jp", "000-0000-0000"), ("a@example.jp", None), (None, "09012345678")
    )
    assert filler == empty
    assert nothing is None


def test_empty_contacts_are_no_contact_and_do_not_slip_into_each_other(keys):
    nobody, first, second = keys((None, None), ("x", None), (None, "x"))
    assert nobody is None
    assert first != second


def test_a_buyer_without_contact_columns_has_no_key(con):
    table = ibis.memtable({"n": [1]})
    assert con.to_pyarrow(with_contact(table, []))[CONTACT].to_pylist() == [None]
