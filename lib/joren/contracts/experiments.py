"""Tables of stage 05: readouts and the PDCA ledger."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("experiment_readout", "campaign_id, arm, metric, segment", """
        campaign_id string; arm string; metric string; segment string; n int; n_control int;
        effect float?; lower float?; upper float?; p_better float? [0..1]; grade string;
        method string; srm_p float? [0..1]
    """),
    table("experiment_early", "campaign_id, arm, metric", """
        campaign_id string; arm string; metric string; kpi string?; days_seen int [1..];
        days int [1..]; n int; n_control int; effect float?; lower float?; upper float?;
        claimed bool; method string; srm_p float? [0..1]
    """),
    table("campaign_plans", "campaign_id", """
        campaign_id string; name string; kind string; starts_on date; last_day date; status string;
        hash string?; earlier_hash string?; changed strings; frozen_at timestamp?;
        frozen_as_of date?; opened_at timestamp?; opens bool; plan string
    """),
    table("experiment_quasi", "campaign_id, arm, metric, segment, design", """
        campaign_id string; arm string; metric string; segment string; design string; n int;
        n_control int; effect float?; lower float?; upper float?; relative float?;
        p_better float? [0..1]; grade string; method string; srm_p float? [0..1];
        assumption string; checks strings
    """),
    table("experiment_ltv", "campaign_id, arm, days", """
        campaign_id string; arm string; days int; n int; n_control int; effect float; lower float;
        upper float; extrapolated float [0..1]; grade string; assumption string; narrowed bool;
        checks strings; model string; shared float?; shared_lower float?; shared_upper float?
    """),
    table("uplift_targets", "campaign_id, customer_id", """
        campaign_id string; customer_id string; uplift float; expected_value float; place int [1..]
    """),
    table("pdca", "campaign_id", """
        campaign_id string; objective string?; kpi string?; target string?; result string?;
        decision string?; next_step string?; name string; kind string; starts_on date;
        last_day date; arm string?; metric string?; plan_status string; plan_hash string?;
        decided string; effect float?; lower float?; upper float?; relative float?;
        relative_lower float?; relative_upper float?; grade string?; method string?;
        shrunken float?; shrunken_lower float?; shrunken_upper float?; prior_mean float?;
        prior_sd float?; cost float?; roi float?; roi_lower float?; roi_upper float?;
        next_customers int? [0..]; next_hold_out float? [0..1]; coupon_cost float?;
        coupons int? [0..]; coupons_untold int? [0..]
    """),
]
# fmt: on
