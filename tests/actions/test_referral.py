"""Referred customers beside all others."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.lists.handmade import plain

from joren.actions.findings import referral_sentence
from joren.actions.referral import referral_value

LTV = {"customer_id": "string", "ltv_365d": "float64", "past_value": "decimal(18, 4)"}


def value(con, referred, others):
    rows = [(f"r{n}", v, Decimal(10)) for n, v in enumerate(referred)]
    rows += [(f"o{n}", v, Decimal(10)) for n, v in enumerate(others)]
    came = plain(con, "came", {"customer_id": "string"}, [(f"r{n}",) for n in range(len(referred))])
    return referral_value(plain(con, "ltv_given", LTV, rows), came, 0.9)


def test_the_difference_of_means_has_its_interval(con):
    found = value(con, [100.0, 140.0] * 20, [50.0, 70.0] * 40)
    assert found.absolute.value == pytest.approx(60)
    assert found.absolute.lower > 50
    assert referral_sentence(found)["key"] == "actions.referral"
    assert referral_sentence(value(con, [60.0, 61.0] * 20, [50.0, 71.0] * 40))["key"] == (
        "actions.referral_less"
    )


def test_few_or_no_referred_customers_are_not_compared(con):
    assert referral_sentence(value(con, [9.0, 8.0], [1.0, 2.0]))["key"] == "actions.referral_few"
    assert referral_sentence(value(con, [], [1.0, 2.0]))["key"] == "actions.no_referral"
