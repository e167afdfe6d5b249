"""The orders and lines the systems hold, in a whole chunk."""

from __future__ import annotations

import pytest


@pytest.fixture
def count(lived):
    def counted(query: str) -> int:
        return lived.execute(query).fetchall()[0][0]

    return counted


def test_orders_are_numbered_in_the_order_of_time(count):
    assert count("SELECT count(*) = max(order_no) AND min(order_no) = 1 FROM orders")
    backwards = """SELECT count(*) FROM (
        SELECT ordered_at < lag(ordered_at) OVER (ORDER BY order_no) AS back FROM orders)
        WHERE back"""
    assert count(backwards) == 0


def test_lines_add_up_to_the_goods_by_tax_rate_and_nothing_is_without_lines(count):
    wrong = """SELECT count(*) FROM orders o LEFT JOIN (
        SELECT order_no, sum(amount) FILTER (tax_rate = 8) AS s8,
            sum(amount) FILTER (tax_rate = 10) AS s10, count(*) AS n, max(line_no) AS last,
            count(*) FILTER (amount <> quantity * unit_price) AS odd
        FROM lines GROUP BY order_no) l USING (order_no)
        WHERE n IS DISTINCT FROM last OR odd > 0
            OR goods_8 <> coalesce(s8, 0) OR goods_10 <> coalesce(s10, 0)"""
    assert count(wrong) == 0
    assert count("SELECT count(*) FROM lines ANTI JOIN orders USING (order_no)") == 0
    assert count("SELECT count(*) FROM lines ANTI JOIN products USING (product_no)") == 0


def test_amounts_add_up(count):
    assert (
        count("""SELECT count(*) FROM orders WHERE
        amount <> goods_8 + goods_10 + shipping + fee - discount""")
        == 0
    )
    assert count("SELECT count(*) FROM orders WHERE amount <= 0 AND refund_of IS NULL") == 0
    assert (
        count("""SELECT count(*) FROM orders
        WHERE mall_discount <> 0 AND system <> 'mall'""")
        == 0
    )


def test_a_refund_is_its_sale_with_the_opposite_sign_some_days_later(count):
    assert count("SELECT count(*) FROM orders WHERE refund_of IS NOT NULL") > 300
    wrong = """SELECT count(*) FROM orders r JOIN orders s ON r.refund_of = s.order_no
        WHERE r.amount <> -s.amount OR r.goods_8 <> -s.goods_8 OR r.person_id <> s.person_id
            OR r.system <> 'pos' OR r.store <> s.store OR s.status <> 'valid'
            OR r.status <> 'valid'
            OR r.ordered_at::DATE - s.ordered_at::DATE NOT BETWEEN 1 AND 10"""
    assert count(wrong) == 0
    assert (
        count("""SELECT count(*) FROM orders r ANTI JOIN orders s ON r.refund_of = s.order_no
        WHERE r.refund_of IS NOT NULL""")
        == 0
    )


def test_only_till_orders_have_a_store_and_may_be_anonymous(count):
    assert count("SELECT count(*) FROM orders WHERE (system = 'pos') <> (store IS NOT NULL)") == 0
    assert count("SELECT count(*) FROM orders WHERE system <> 'pos' AND person_id IS NULL") == 0
    assert count("SELECT count(*) FROM orders WHERE person_id IS NULL") > 4_000


def test_subscription_orders_belong_to_a_subscription_and_are_in_sequence(count):
    assert (
        count("""SELECT count(*) FROM orders
        WHERE (system = 'teiki') <> (subscription_no IS NOT NULL)""")
        == 0
    )
    wrong = """SELECT count(*) FROM (
        SELECT subscription_no, max(sequence) AS last, count(*) AS n, any_value(person_id) AS p
        FROM orders WHERE system = 'teiki' GROUP BY ALL) o
        FULL JOIN subscriptions s USING (subscription_no)
        WHERE last IS DISTINCT FROM n OR renewals IS DISTINCT FROM n - 1 OR p <> s.person_id"""
    assert count(wrong) == 0


def test_future_orders_come_after_the_window_from_people_who_are_still_there(count):
    assert count("SELECT count(*) FROM future_orders") > 80_000
    wrong = """SELECT count(*) FROM future_orders f JOIN processes p USING (person_id)
        WHERE ordered_at < TIMESTAMP '2026-04-01' OR ordered_at >= TIMESTAMP '2028-04-01'
            OR ordered_at >= died_at OR amount <= 0"""
    assert count(wrong) == 0
