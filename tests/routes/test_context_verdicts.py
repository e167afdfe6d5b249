import numpy as np
import pandas as pd
import pytest

from joren.routes.context_verdicts import (
    contact_sentence,
    preference_sentence,
    rain_sentence,
    stock_sentences,
    trigger_sentences,
)
from joren.routes.weather import Money

RAIN = pd.DataFrame({"store": ["本店", "all"], "days": [700, 1400], "change": [-0.3, -0.2],
                     "lower": [-0.4, -0.25], "upper": [-0.2, -0.1]})  # fmt: skip
RULE = pd.DataFrame({"fired": [10, 20], "days": [50, 60], "needed_uplift": [0.05, 0.05]})


@pytest.mark.parametrize(
    ("lower", "upper", "key"),
    [(-0.25, -0.1, "less"), (-0.1, 0.1, "level"), (0.1, 0.3, "more")],
)
def test_rain_within_its_interval_is_unchanged(lower, upper, key):
    found, facts = rain_sentence(RAIN.assign(lower=lower, upper=upper))

    assert found == f"flows.rain.{key}"
    assert facts["lower"] < facts["upper"]
    assert facts["n"] == 1400


def test_a_rule_that_cannot_pay_is_said_to_never_pay():
    money = Money(0.4, 0.01, 1.0)
    keys = [key for key, _facts in trigger_sentences(RULE, money)]
    assert keys == ["flows.trigger_fired", "flows.trigger_needed"]

    keys = [key for key, _ in trigger_sentences(RULE.assign(needed_uplift=np.nan), money)]
    assert keys[-1] == "flows.trigger_never"


def test_products_without_room_for_a_coupon_are_counted():
    cover = pd.DataFrame({"overstocked": [True, True, False], "largest_discount": [0.4, 0.0, 0.4],
                          "category": "teas", "money_bound": [100.0, 50.0, 10.0]})  # fmt: skip
    found = dict(stock_sentences(cover, 30))

    assert found["flows.overstocked"]["value"] == 2
    assert found["flows.overstock_money"]["value"] == 150
    assert found["flows.no_room"]["value"] == 1
    assert found["flows.candidates"]["products"] == 1


def test_an_unknown_channel_keeps_its_own_name():
    preference = pd.DataFrame({"group_name": ["01", "01"], "channel": ["pos", "カタログ"],
                               "customers": 10, "share": [0.4, 0.6], "lower": 0.2,
                               "upper": 0.8})  # fmt: skip
    key, facts = preference_sentence(preference)
    assert (key, facts["channel"]) == ("flows.preference.other", "カタログ")


def test_contacts_within_their_interval_are_said_to_show_nothing():
    contacts = pd.DataFrame({"touchpoint": ["a", "b"], "customers": 50, "difference": [0.2, 0.1],
                             "lower": [-0.1, 0.02], "upper": 0.4, "ordered": 0.5})  # fmt: skip
    key, facts = contact_sentence(contacts)
    assert (key, facts["touchpoint"]) == ("flows.contact_most", "b")
    assert contact_sentence(contacts.assign(lower=-0.1))[0] == "flows.contact_none"
