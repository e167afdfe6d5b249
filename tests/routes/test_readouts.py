import pandas as pd

from joren.routes.readouts import beside_credit, held_out


def _readouts(table):
    row = {"arm": "treatment", "metric": "orders", "segment": "all", "n": 100, "n_control": 20,
           "grade": "A", "method": "randomised"}  # fmt: skip
    readout = table("experiment_readout", [
        row | {"campaign_id": "M", "effect": 0.05, "lower": 0.01, "upper": 0.09},
        row | {"campaign_id": "M", "effect": 9.0, "metric": "revenue"},
        row | {"campaign_id": "M", "effect": 0.5, "segment": "rank:high"},
        row | {"campaign_id": "P", "effect": 0.02},
    ])  # fmt: skip
    campaigns = table("canonical/campaigns", [
        {"campaign_id": "M", "name": "新茶メール", "kind": "mail"},
        {"campaign_id": "P", "name": "ポイント", "kind": "points"},
    ])  # fmt: skip
    return held_out(readout, campaigns)


def test_effects_are_those_on_orders_of_everybody(table):
    found = _readouts(table)
    assert found[["campaign_id", "touchpoint", "effect"]].to_numpy().tolist() == [
        ["M", "contact:mail", 0.05], ["P", "contact:points", 0.02],
    ]  # fmt: skip


def test_an_effect_stands_beside_the_credit_of_its_channel(table):
    credit = pd.DataFrame({"touchpoint": ["contact:mail", "site_visit"], "share": [0.2, 0.8]})
    found = beside_credit(_readouts(table), credit)

    assert found[["campaign_id", "share"]].to_numpy().tolist() == [["M", 0.2]]


def test_without_readouts_there_is_none(table):
    none = held_out(table("experiment_readout", []), table("canonical/campaigns", []))
    assert len(none) == 0


def test_a_campaign_of_points_stands_beside_the_messages_it_was_sent_by(table, rows):
    row = {"arm": "treatment", "metric": "orders", "segment": "all", "n": 100, "n_control": 20,
           "grade": "A", "method": "randomised"}  # fmt: skip
    readout = table("experiment_readout", [row | {"campaign_id": "M", "effect": 0.05}])
    points = table("point_campaigns", [
        row | {"campaign_id": "P", "effect": 0.02}, row | {"campaign_id": "M", "effect": 9.0},
    ])  # fmt: skip
    campaigns = table("canonical/campaigns", [
        {"campaign_id": "M", "name": "新茶メール", "kind": "mail"},
        {"campaign_id": "P", "name": "ポイント", "kind": "points"},
    ])  # fmt: skip
    sent = rows([
        {"kind": "contact", "campaign_id": "P", "touchpoint": "contact:dm"},
        {"kind": "contact", "campaign_id": "P", "touchpoint": "contact:dm"},
        {"kind": "event", "campaign_id": "P", "touchpoint": "mail_open"},
    ])  # fmt: skip
    found = held_out(readout, campaigns, sent, points)

    assert found[["campaign_id", "touchpoint", "effect"]].to_numpy().tolist() == [
        ["M", "contact:mail", 0.05], ["P", "contact:dm", 0.02],
    ]  # fmt: skip
