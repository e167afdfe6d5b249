"""Tables of what to do next; `actions` itself stands with segments."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("action_members", "list_id, customer_id", """
        list_id string; campaign_id string; customer_id string; action string; reason string;
        due_at timestamp?; channel string?; priority int; arm string?; standing string
    """),
    table("action_account", "list_id", """
        list_id string; campaign_id string; action string; reason string; as_of date;
        hold_out float [0..1]; considered int [0..]; below_threshold int [0..];
        no_consent int [0..]; over_cap int [0..]; held_out int [0..]; listed int [0..]
    """),
    # at_stake: what those listed are expected to bring or to take away; gain: what an experiment
    # on the same channels says the contact adds, after contacts and offers, null without one;
    # condition: facts and bounds as JSON; base: share who order anyway; detectable: the smallest
    # rise of it that this list's test shows
    table("action_lists", "list_id", """
        list_id string; action string; owner string?; kpi string; readout_on date;
        same_household int [0..]; other_list int [0..]; over_cap int [0..]; listed int [0..];
        held_out int [0..]; at_stake float; at_stake_lower float; at_stake_upper float;
        condition string; hold_out float [0..1]; readout_days int [1..]; base float? [0..1];
        detectable float? [0..1]; cost float [0..]; gain float?;
        gain_lower float?; gain_upper float?; experiments string
    """),
    # status: open (its days are not over), read, one_arm; effect and bounds of the share with an
    # order, of the value a customer, and of the list's own KPI, treated less control
    table("action_results", "list_id, arm", """
        list_id string; campaign_id string; arm string; assigned_at timestamp; readout_on date;
        status string; listed int [0..]; reached int [0..]; outcomes int [0..]; ordered int [0..];
        value float; effect float?; lower float?; upper float?; value_effect float?;
        value_lower float?; value_upper float?; srm_p float? [0..1]; kpi string?;
        kpi_value float?; kpi_effect float?; kpi_lower float?; kpi_upper float?
    """),
    table("send_times", "customer_id", """
        customer_id string; weekday int [1..7]; hour int [0..23]; own bool; events int [0..];
        day_share float [0..1]; hour_share float [0..1]
    """),
    table("service_hours", "store, role", """
        store string; role string; hours float [0..]; used float [0..]; customers float [0..];
        minutes float; shadow_price float [0..]; lower float [0..]; upper float [0..]
    """),
    table("service_priority", "customer_id", """
        customer_id string; store string; position int [1..]; value float; arm string;
        served bool
    """),
]
# fmt: on
