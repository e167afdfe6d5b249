"""Tables of stage 02: lots, balances and what they are worth."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    # an account is written as in the data where one source has it, else source:account;
    # customer_id is null where linking knows nobody of that source_id
    table("point_lots", "lot_id", """
        lot_id string; customer_id string?; account string; source string; source_id string;
        granted_at timestamp; valid_from timestamp; expires_at timestamp?; grant_month date;
        validity string; points_granted int [0..]; points_used int [0..]; points_expired int [0..];
        points_cancelled int [0..]; points_transferred int [0..]; points_remaining int [0..]
    """),
    table("point_balances", "account", """
        account string; customer_id string?; source string; balance int; debt int [0..];
        expiring_next int [0..]; expires_next_at timestamp?
    """),
    # validity: whole days from valid_from to expires_at when the lot opened (<=31d, <=92d; <=12m:
    # up to 366; >12m; none). kind: granted, used, expired, cancelled, transferred; what is given
    # back counts negative in its month, so that all months sum to the lots' totals
    table("point_flows", "grant_month, validity, month, kind", """
        grant_month date; validity string; month date; kind string; points int
    """),
    # a row for each reported balance that is off by another amount than the report before it; see
    # points/reconcile.py for the reasons
    table("point_reconciliation", "source, source_id, account, as_of", """
        source string; source_id string; account string; as_of timestamp; reported int; ledger int;
        difference int; change int; agreed_at timestamp?; last_entry_id string?;
        suspect_entry_id string?; reason string
    """),
    # kind: as in flows, and debt and outstanding at the month's end. A restatement says what a
    # closed month would be today; the closed line stands. reason: late (entries came late),
    # rules (parameters changed), changed (entries changed or are gone)
    table("point_months", "month, kind, status", """
        month date; kind string; status string; points int; closed_points int?; difference int?;
        late_entries int?; reason string?; hash string?
    """),
    table("point_campaigns", "campaign_id, arm, metric, segment", """
        campaign_id string; arm string; metric string; segment string; kpi string?; n int;
        n_control int; effect float?; lower float?; upper float?; p_better float? [0..1];
        grade string; method string; srm_p float? [0..1]
    """),
    table("point_economics", "campaign_id, arm, item", """
        campaign_id string; arm string; item string; value float?; lower float?; upper float?;
        n int; n_control int; grade string
    """),
    table("point_liability", "month, cohort", """
        month date; cohort string; outstanding_points int; expected_redeemed float;
        breakage_rate float? [0..1]; liability_amount float; lower float?; upper float?;
        method string
    """),
    table("expiry_cliff", "grain, starts_on", """
        grain string; starts_on date; ends_on date; points int [0..]; customers int [0..]
    """),
    table("expiring_points", "customer_id", """
        list_id string; customer_id string; points int [1..]; due_at timestamp;
        last_valid_on date; channel string?; arm string?; standing string
    """),
]
# fmt: on
