"""The fuzzy model: Splink's, trained on the records themselves, without labels.

Assumptions (Fellegi & Sunter 1969): 1. fields agree independently of each other, given that two
records are one person, and given that they are not; 2. a name's or an address's weight depends on
how frequent it is; 3. pairs in which a field is empty say nothing by it. Families break the first:
`calibration` corrects for them.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from joren.identity.comparisons import comparisons
from joren.identity.learned import Learned
from joren.identity.model_records import filled_shares

FEWEST_RECORDS = 100
_FEWEST_TRAINING_PAIRS = 50
_SELDOM_FILLED = 0.03
_U_PAIRS, _M_PAIRS = 1_000_001, 1_000_000
_TRAINERS = ("birth", "email", "phone", "card")
_SHARED_IN_FAMILIES = ("phone", "email")


@dataclass(frozen=True)
class Scored:
    """Scored pairs and what scored them.

    pairs: left, right, weight (log2 odds before calibration), one `level_<field>` (-1 unknown, 0
    disagreement, more is closer) and `weight_<field>` (log2 Bayes factor) per field.
    agreement: field → level → (m, u): how often matches and others show that level.
    """

    pairs: ir.Table
    fields: tuple[str, ...]
    agreement: dict[str, dict[int, tuple[float, float]]]
    prior: float
    settings: dict
    learned: Learned | None = None


def score_pairs(
    con: Backend,
    records: ir.Table,
    pairs: ir.Table,
    locale: str,
    seed: int,
    learned: Learned | None = None,
) -> Scored | None:
    """Train on the records, unless that was done before, and score the pairs.

    Parameters
    ----------
    con : the engine; Splink works on its connection
    records : the table of `model_records`
    pairs : left, right
    locale : see `comparisons`
    seed : of the random pairs that show how often strangers agree
    learned : what was learned when everything was linked

    Returns
    -------
    None if there are too few records, or too few that agree, to learn from
    """
    if learned is not None:
        return _score_by(con, records, pairs, learned)
    shares = filled_shares(records)
    fields = frozenset(field for field, share in shares.items() if share >= _SELDOM_FILLED)
    total = records.count().execute()
    sessions = _training_rules(records, fields, shares)
    if total < FEWEST_RECORDS or not sessions:
        return None
    logging.getLogger("splink").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trained = _trained(con, records, _settings(fields, locale, total), sessions, seed)
        if trained is None:
            return None
        api, linker = trained
        scored = _scored(con, api, linker, pairs, sorted(fields))
    settings = linker.misc.save_model_to_json()
    agreement = _agreement(linker)
    linker.table_management.delete_tables_created_by_splink_from_db()
    return Scored(scored, tuple(sorted(fields)), agreement, 1 / total, settings)


def _trained(
    con: Backend,
    records: ir.Table,
    settings: SettingsCreator,
    sessions: list[tuple[str, ...]],
    seed: int,
) -> tuple[DuckDBAPI, Linker] | None:
    """Learn from every session that can teach; None if none can.

    A session that fails leaves Splink's settings half changed, so the next try begins anew.
    """
    rules = list(sessions)
    while rules:
        api = DuckDBAPI(con.con)
        linker = Linker(api.register(_bare_name(records)), settings, None)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=_U_PAIRS, seed=seed, min_count_per_level=None, num_chunks=1
        )
        failed = next((rule for rule in rules if not _has_learned(linker, rule)), None)
        if failed is None:
            return api, linker
        linker.table_management.delete_tables_created_by_splink_from_db()
        rules.remove(failed)
    return None


def _has_learned(linker: Linker, rule: tuple[str, ...]) -> bool:
    """Learn from the pairs that agree in the rule; False where they are all of one kind."""
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule), estimate_without_term_frequencies=True, max_pairs=_M_PAIRS
        )
    except ValueError as error:
        # Splink refuses a level's share once it underflows: no match among the pairs shows it
        if "below the minimum" not in str(error):
            raise
        return False
    return True


def _score_by(con: Backend, records: ir.Table, pairs: ir.Table, learned: Learned) -> Scored:
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(con.con)
    linker = Linker(api.register(_bare_name(records)), learned.settings, None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scored = _scored(con, api, linker, pairs, list(learned.fields))
    agreement = _agreement(linker)
    linker.table_management.delete_tables_created_by_splink_from_db()
    return Scored(scored, learned.fields, agreement, learned.prior, learned.settings, learned)


def _scored(
    con: Backend, api: DuckDBAPI, linker: Linker, pairs: ir.Table, fields: list[str]
) -> ir.Table:
    blocked = con.create_table(
        "identity_blocked",
        pairs.select(join_key_l="left", join_key_r="right").mutate(match_key=ibis.literal("0")),
        temp=True,
        overwrite=True,
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register(_bare_name(blocked)))
    predicted = linker.inference.predict(warning_mode="never")
    return _slim(con, con.table(predicted.physical_name), fields)


def _bare_name(table: ir.Table) -> str:
    # Splink asks the catalogue for the columns of a table and knows no qualified names
    return table.op().name


def _settings(fields: frozenset[str], locale: str, records: int) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record",
        comparisons=comparisons(fields, locale),
        blocking_rules_to_generate_predictions=[block_on("record")],
        probability_two_random_records_match=1 / records,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )


def _training_rules(
    records: ir.Table, fields: frozenset[str], shares: dict[str, float]
) -> list[tuple[str, ...]]:
    """What to hold fixed while the other fields are learned: names, and the best-filled keys.

    Among pairs that share no more than a phone, members of one family would pass for one person
    whose given name and birth date are often another; so the given name is held fixed as well.
    """
    keys = sorted(fields & set(_TRAINERS), key=lambda field: (-shares[field], field))[:2]
    if not {"family", "given"} <= fields:
        rules = [(key,) for key in keys]
    else:
        rules = [("family_reading", "given_reading")]
        rules += [("given_reading", k) if k in _SHARED_IN_FAMILIES else (k,) for k in keys]
        if "birth" in fields - set(keys):
            rules.append(("family_reading", "birth"))
    return [rule for rule in rules if _pairs_sharing(records, rule) >= _FEWEST_TRAINING_PAIRS]


def _pairs_sharing(records: ir.Table, rule: tuple[str, ...]) -> int:
    known = records.filter(*[records[column].notnull() for column in rule])
    sizes = known.group_by(list(rule)).agg(size=known.count())
    return (sizes["size"] * (sizes["size"] - 1) / 2).sum().fill_null(0).execute()


def _slim(con: Backend, predicted: ir.Table, fields: list[str]) -> ir.Table:
    parts = {}
    for field in fields:
        adjusted = f"mw_tf_adj_{field}"
        weight = predicted[f"mw_{field}"]
        if adjusted in predicted.columns:
            weight = weight + predicted[adjusted]
        parts[f"weight_{field}"] = weight.cast("float32")
        parts[f"level_{field}"] = predicted[f"gamma_{field}"].cast("int8")
    slim = predicted.select(
        left=predicted.record_l,
        right=predicted.record_r,
        weight=predicted.match_weight,
        **parts,
    )
    return con.create_table("identity_scored", slim, temp=True, overwrite=True)


def _agreement(linker: Linker) -> dict[str, dict[int, tuple[float, float]]]:
    found: dict[str, dict[int, tuple[float, float]]] = {}
    for comparison in linker._settings_obj.comparisons:
        found[comparison.output_column_name] = {
            level.comparison_vector_value: (level.m_probability, level.u_probability)
            for level in comparison.comparison_levels
            if not level.is_null_level
        }
    return found
