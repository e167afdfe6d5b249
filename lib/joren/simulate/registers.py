"""What each system's register says of its members: their contact, as clerks and forms left it."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from joren.simulate.dirt import (
    VARIATION_SELECTOR,
    birth_sql,
    email_sql,
    phone_sql,
    pick_sql,
    spellings,
)
from joren.simulate.names import (
    FAMILY_NAMES,
    MEN,
    MORE_FAMILY_NAMES,
    MORE_MEN,
    MORE_WOMEN,
    WOMEN,
)
from joren.simulate.world import END, STORES, World

_DRAWS = (
    "name", "form", "older", "kana", "phone", "spoil", "email", "mail_form", "address", "birth",
    "slip", "sex", "card", "dm", "mail_consent", "maiden", "older_pick", "age",
)  # fmt: skip
_CARD_STEP = 7_919  # shares no factor with 10^8, so that no two cards get one number


def card_sql(source_id: str) -> str:
    """SQL of the number printed on the card of a till's member."""
    number = f"CAST({source_id} AS BIGINT) * {_CARD_STEP} % 100000000"
    return f"'29' || lpad(CAST({number} AS VARCHAR), 8, '0')"


_DIGITS_ONLY = "replace(postal_code, '-', '')"


def record_contacts(world: World, chunk: int, people: pa.Table, accounts: pa.Table) -> pa.Table:
    """What the systems recorded of the holders of accounts.

    Parameters
    ----------
    people : the chunk's people (`population.make_population`)
    accounts : system, source_id, person_id, opened_at

    Returns
    -------
    system, source_id, person_id, opened_at, updated_at; family_name, given_name, family_kana,
    given_kana, half_kana (both, half-width), phone, email, postal_code, prefecture, city, street,
    birth_date, gender, card_no, consent_email, consent_dm, store_area; all but the first five are
    strings as written, empty where the register has none
    """
    rng = world.rng("registers", chunk)
    drawn = {f"u_{name}": rng.random(len(accounts)) for name in _DRAWS}
    con = duckdb.connect()
    for name, draws in drawn.items():
        accounts = accounts.append_column(name, pa.array(draws))
    con.register("held", accounts)
    con.register("people", people)
    con.register("families", spellings(FAMILY_NAMES + MORE_FAMILY_NAMES))
    con.register("givens", spellings(WOMEN + MORE_WOMEN + MEN + MORE_MEN))
    con.register(
        "shops", pa.table({"area": [s.area for s in STORES], "phone": [s.phone for s in STORES]})
    )
    parts = [_POS, _WEB, _MALL, _TEIKI, _LINE, _CALL]
    recorded = con.sql(
        f"WITH {_BASE} SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY system, source_id"
    ).to_arrow_table()
    con.close()
    return recorded


_BASE = f"""
    shop_phones AS (SELECT area, min(phone) AS shop_phone FROM shops GROUP BY area),
    last_cards AS (
        SELECT person_id, arg_max(source_id, (opened_at, source_id)) AS card FROM held
        WHERE system = 'pos' GROUP BY person_id
    ),
    known AS (
        SELECT h.*, p.* EXCLUDE (person_id), shop_phone,
               {card_sql("card")} AS last_card,
               f.half AS family_half, f.loose_half AS family_loose_half,
               f.loose AS family_loose, f.cp932 AS family_cp932,
               f.utf8 AS family_utf8,
               g.half AS given_half, g.loose_half AS given_loose_half,
               g.loose AS given_loose, g.cp932 AS given_cp932,
               least(opened_at + to_seconds(CAST(floor(u_age * 5184000) AS BIGINT)),
                     TIMESTAMP '{END}' - INTERVAL 1 SECOND) AS updated_at,
               {birth_sql("born", "u_slip")} AS birth
        FROM held h JOIN people p USING (person_id) JOIN families f ON p.family = f.name
        JOIN givens g ON p.given = g.name JOIN shop_phones USING (area)
        LEFT JOIN last_cards USING (person_id)
    ),
    maiden_names AS (
        SELECT name AS maiden, kana AS maiden_kana, row_number() OVER (ORDER BY name) - 1 AS place
        FROM families
    ),
    written AS (
        SELECT k.* REPLACE (
                   CASE WHEN gender = 'f' AND system IN ('web', 'mall', 'teiki') AND u_maiden < 0.01
                        THEN maiden ELSE family END AS family,
                   CASE WHEN gender = 'f' AND system IN ('web', 'mall', 'teiki') AND u_maiden < 0.01
                        THEN maiden_kana ELSE family_kana END AS family_kana,
                   CASE WHEN gender = 'f' AND system IN ('web', 'mall', 'teiki') AND u_maiden < 0.01
                        THEN [maiden] ELSE family_cp932 END AS family_cp932,
                   CASE WHEN gender = 'f' AND system IN ('web', 'mall', 'teiki') AND u_maiden < 0.01
                        THEN [maiden] ELSE family_utf8 END AS family_utf8)
        FROM known k JOIN maiden_names m
          ON CAST(floor(u_maiden * 100 * (SELECT count(*) FROM families)) AS BIGINT)
             % (SELECT count(*) FROM families) = m.place
    )
"""


def _select(system: str, **columns: str) -> str:
    """One system's records: what is not given is empty."""
    names = (
        "family_name", "given_name", "family_kana", "given_kana", "half_kana", "phone", "email",
        "postal_code", "prefecture", "city", "street", "birth_date", "gender", "card_no",
        "consent_email", "consent_dm",
    )  # fmt: skip
    written = ", ".join(f"{columns.get(name, chr(39) * 2)} AS {name}" for name in names)
    return (
        "SELECT system, source_id, person_id, opened_at, updated_at, "
        f"{written}, area AS store_area FROM written WHERE system = '{system}'"
    )


def _older(forms: str, plain: str, share: float) -> str:
    return f"CASE WHEN u_older < {share} THEN {pick_sql(forms, 'u_older_pick')} ELSE {plain} END"


def _given(share: str, value: str) -> str:
    return f"CASE WHEN {share} THEN {value} ELSE '' END"


_ADDRESS = {"prefecture": "prefecture", "city": "city", "street": "street"}
_YES_NO = "CASE WHEN {draw} < {share} THEN '1' ELSE '0' END"
_IVS = f"chr({VARIATION_SELECTOR})"

_POS = _select(
    "pos",
    family_name=_given("u_name < 0.92", _older("family_cp932", "family", 0.25)),
    given_name=_given("u_name < 0.92", _older("given_cp932", "given", 0.25)),
    half_kana=(
        "CASE WHEN u_kana < 0.15 THEN family_loose_half || ' ' || given_loose_half "
        "ELSE family_half || ' ' || given_half END"
    ),
    phone=(
        f"CASE WHEN u_phone < 0.85 THEN {phone_sql('phone', 'u_spoil')} "
        "WHEN u_phone < 0.90 THEN shop_phone WHEN u_phone < 0.92 THEN '000-0000-0000' ELSE '' END"
    ),
    email=_given("u_email < 0.45", email_sql("email", "u_mail_form")),
    postal_code=_given("u_address < 0.60", _DIGITS_ONLY),
    **{name: _given("u_address < 0.48", name) for name in _ADDRESS},
    birth_date=_given("u_birth < 0.78", "strftime(birth, '%Y/%m/%d')"),
    gender=_given("u_sex < 0.70", "CASE gender WHEN 'f' THEN '女' ELSE '男' END"),
    card_no=card_sql("source_id"),
    consent_email=_YES_NO.format(draw="u_mail_consent", share=0.55),
    consent_dm=_YES_NO.format(draw="u_dm", share=0.8),
)
_WEB = _select(
    "web",
    family_name=_older("family_utf8", "family", 0.1),
    given_name=f"CASE WHEN u_form < 0.02 THEN given || {_IVS} ELSE given END",
    family_kana=_given("u_name < 0.92", "family_kana"),
    given_kana=_given("u_name < 0.92", "given_kana"),
    phone=_given("u_phone < 0.93", phone_sql("phone", "u_spoil")),
    email=_given("u_email < 0.98", email_sql("email", "u_mail_form")),
    postal_code="postal_code",
    **_ADDRESS,
    birth_date=_given("u_birth < 0.60", "strftime(birth, '%Y-%m-%d')"),
    gender=_given("u_sex < 0.50", "CASE gender WHEN 'f' THEN '女性' ELSE '男性' END"),
    card_no=_given("last_card IS NOT NULL AND u_card < 0.15", "last_card"),
    consent_email=_YES_NO.format(draw="u_mail_consent", share=0.65),
)
_MALL = _select(
    "mall",
    family_name=_older("family_cp932", "family", 0.05),
    given_name="given",
    family_kana="family_kana",
    given_kana="given_kana",
    phone="phone",
    email=(
        "CASE WHEN u_email < 0.3 THEN lower(substr(md5(source_id), 1, 20)) || '@fw.rakuten.ne.jp' "
        "ELSE email END"
    ),
    postal_code="postal_code",
    **_ADDRESS,
    gender=_given("u_sex < 0.60", "CASE gender WHEN 'f' THEN '女' ELSE '男' END"),
)
_TEIKI = _select(
    "teiki",
    family_name=_older("family_utf8", "family", 0.1),
    given_name=f"CASE WHEN u_form < 0.02 THEN given || {_IVS} ELSE given END",
    family_kana="family_kana",
    given_kana="given_kana",
    phone=_given("u_phone < 0.97", phone_sql("phone", "u_spoil")),
    email=email_sql("email", "u_mail_form"),
    postal_code="postal_code",
    **_ADDRESS,
    birth_date=_given("u_birth < 0.70", "strftime(birth, '%Y/%m/%d')"),
    gender=_given("u_sex < 0.70", "CASE gender WHEN 'f' THEN '女性' ELSE '男性' END"),
)
_LINE = _select(
    "line",
    family_name=_given("u_name < 0.60", "family"),
    given_name=_given("u_name < 0.60", "given"),
    phone=_given("u_name < 0.60 AND u_phone < 0.8", phone_sql("phone", "u_spoil")),
    card_no=_given("last_card IS NOT NULL AND u_card < 0.40", "last_card"),
)
_CALL = _select(
    "call",
    family_kana="CASE WHEN u_kana < 0.20 THEN family_loose ELSE family_kana END",
    given_kana=_given("u_name < 0.80", "given_kana"),
    phone=_given("u_phone < 0.96", phone_sql("phone", "u_spoil")),
)
