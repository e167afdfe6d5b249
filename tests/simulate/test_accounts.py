"""Accounts and order numbers as the systems hold them."""

from dataclasses import fields

import duckdb
import numpy as np
import pytest

from joren.simulate.accounts import FORGOTTEN_CARD, open_accounts, order_codes
from joren.simulate.behaviour import Behaviour, behave
from joren.simulate.population import make_population
from joren.simulate.world import World


@pytest.fixture(scope="module")
def opened() -> duckdb.DuckDBPyConnection:
    """A connection with behaviour, and the tables of Accounts as accounts, contacts, numbers."""
    world = World(3_000, seed=7)
    people = make_population(world, 0)
    behaviour = behave(world, 0, people)
    held = open_accounts(world, 0, people, behaviour)
    con = duckdb.connect()
    for field in fields(Behaviour):
        con.register(field.name, getattr(behaviour, field.name))
    con.register("touches", behaviour.contacts)
    con.register("accounts", held.accounts)
    con.register("contacts", held.contacts)
    con.register("numbers", held.orders)
    again = open_accounts(world, 0, people, behaviour)
    assert again.accounts.equals(held.accounts)
    assert again.contacts.equals(held.contacts)
    assert again.orders.equals(held.orders)
    return con


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return con.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0]


def test_every_order_has_a_number_of_its_own(opened):
    orders = _count(opened, "FROM orders")
    assert _count(opened, "SELECT DISTINCT order_id FROM numbers") == orders
    assert _count(opened, "FROM orders SEMI JOIN numbers USING (order_no)") == orders


def test_order_numbers_look_like_those_of_their_systems(opened):
    forms = {
        "pos": r"[1-9]\d{11}", "web": r"\d{6}W\d{9}", "mall": r"301234-\d{8}-\d{10}",
        "teiki": r"[0-9A-Z]{10}",
    }  # fmt: skip
    for system, form in forms.items():
        assert _count(
            opened,
            f"""FROM orders JOIN numbers USING (order_no) WHERE system = '{system}'
                AND NOT regexp_full_match(order_id, '{form}')""",
        ) == 0  # fmt: skip


def test_codes_of_orders_never_collide():
    codes = order_codes(np.arange(1, 200_001)).to_pylist()
    assert len(set(codes)) == 200_000
    assert {len(code) for code in codes} == {10}


def test_an_order_stands_under_an_account_of_the_person_who_made_it(opened):
    signed = "FROM orders JOIN numbers n USING (order_no)"
    assert _count(
        opened, f"{signed} JOIN accounts a USING (system, source_id) WHERE n.source_id IS NOT NULL"
        " AND a.person_id IS DISTINCT FROM orders.person_id"
    ) == 0  # fmt: skip
    assert _count(
        opened, f"{signed} WHERE n.source_id IS NOT NULL AND (system, n.source_id) NOT IN"
        " (SELECT (system, source_id) FROM accounts)"
    ) == 0  # fmt: skip
    assert _count(
        opened, f"{signed} WHERE n.source_id IS NULL AND (system <> 'pos' OR person_id IS NULL)"
        " AND person_id IS NOT NULL"
    ) == 0  # fmt: skip


def test_some_card_holders_leave_the_card_at_home(opened):
    sales = "FROM orders JOIN numbers n USING (order_no) WHERE system = 'pos' AND person_id > 0"
    visits = _count(opened, f"{sales} AND refund_of IS NULL")
    forgot = _count(opened, f"{sales} AND refund_of IS NULL AND n.source_id IS NULL")
    spread = 4 * (visits * FORGOTTEN_CARD * (1 - FORGOTTEN_CARD)) ** 0.5
    assert abs(forgot - visits * FORGOTTEN_CARD) < spread


def test_a_refund_bears_the_account_of_its_sale(opened):
    assert _count(
        opened,
        """FROM orders r JOIN numbers n ON r.order_no = n.order_no
           JOIN numbers s ON r.refund_of = s.order_no
           WHERE n.source_id IS DISTINCT FROM s.source_id""",
    ) == 0  # fmt: skip
    assert _count(opened, "FROM orders WHERE refund_of IS NOT NULL") > 0


def test_the_second_card_takes_over_from_the_first(opened):
    assert _count(
        opened,
        """FROM accounts a JOIN accounts b USING (system, person_id) JOIN numbers n
             ON n.source_id = a.source_id JOIN orders o USING (order_no)
           WHERE a.opened_at < b.opened_at AND o.ordered_at >= b.opened_at
             AND o.refund_of IS NULL""",
    ) == 0  # fmt: skip
    assert (
        _count(opened, "SELECT 1 FROM accounts GROUP BY system, person_id HAVING count(*) = 2") > 20
    )


def test_some_are_registered_and_never_bought(opened):
    idle = "FROM accounts ANTI JOIN numbers USING (source_id) WHERE system IN ('pos', 'web')"
    assert _count(opened, idle) > 50


def test_a_guest_of_the_mall_is_named_after_the_first_order(opened):
    assert _count(
        opened,
        """FROM (SELECT source_id, min_by(order_id, (ordered_at, order_id)) AS first
                 FROM orders JOIN numbers USING (order_no) WHERE system = 'mall' GROUP BY ALL)
           WHERE source_id <> 'guest:' || first""",
    ) == 0  # fmt: skip


def test_account_numbers_do_not_tell_that_two_are_one_person(opened):
    together = opened.execute("""
        SELECT corr(CAST(p.source_id AS BIGINT), CAST(w.source_id[2:] AS BIGINT))
        FROM accounts p JOIN accounts w USING (person_id)
        WHERE p.system = 'pos' AND w.system = 'web'
    """).fetchall()[0][0]
    assert abs(together) < 0.2
