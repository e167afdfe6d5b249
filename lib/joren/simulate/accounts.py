"""Who holds which card and which account, and under which number each order was rung up.

One person may hold two cards, be registered and never buy there, or leave the card at home: the
systems see accounts, never people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from joren.simulate.registers import record_contacts
from joren.simulate.world import CHUNK, DAYS, START, World

if TYPE_CHECKING:
    from joren.simulate.behaviour import Behaviour

IDLE = {"pos": 0.05, "web": 0.04}  # share of people who registered there and never bought
SECOND = {"pos": 0.04, "web": 0.02}  # share of holders who lost the first and took another
FORGOTTEN_CARD = 0.05  # share of till visits of card holders without the card

_PREFIX = {"pos": "1", "web": "W", "teiki": "C", "line": "U", "call": "K"}
_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)
_CODE = 10  # characters of an ecforce order number
_CODE_STEP = 16_180_339_887  # shares no factor with 36, so that no two numbers get one code
_MALL_SHOP = "301234"


@dataclass(frozen=True)
class Accounts:
    """The accounts that a chunk's people hold, and the numbers of its orders.

    Attributes
    ----------
    accounts : system, source_id, person_id, opened_at
    contacts : what each system recorded of the holder (`registers.record_contacts`)
    orders : order_no, order_id, source_id (null where the till saw no card), by order_no
    """

    accounts: pa.Table
    contacts: pa.Table
    orders: pa.Table


def open_accounts(world: World, chunk: int, people: pa.Table, behaviour: Behaviour) -> Accounts:
    """Open the accounts that a chunk's behaviour needs, and number its orders."""
    con = duckdb.connect()
    con.register("people_given", people)
    con.register("orders_given", behaviour.orders)
    con.register("touches", _touches(behaviour))
    con.register("draws", _person_draws(world, chunk, people))
    con.register("numbers", _numbers(world, chunk))
    con.register("order_draws", _order_draws(world, chunk, behaviour.orders))
    _number_orders(con)
    _hold(con)
    _sign(con)
    accounts = con.sql(
        "SELECT system, source_id, person_id, opened_at FROM accounts ORDER BY system, source_id"
    ).to_arrow_table()
    orders = con.sql(
        "SELECT order_no, order_id, source_id FROM signed ORDER BY order_no"
    ).to_arrow_table()
    con.close()
    return Accounts(accounts, record_contacts(world, chunk, people, accounts), orders)


def order_codes(numbers: np.ndarray) -> pa.Array:
    """(n,) order numbers as codes of ten capitals and figures, no two alike."""
    left = numbers.astype(np.int64) * _CODE_STEP % 36**_CODE
    letters = np.empty((len(numbers), _CODE), dtype=np.uint8)
    for place in range(_CODE - 1, -1, -1):
        letters[:, place] = _ALPHABET[left % 36]
        left //= 36
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * _CODE
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(letters))


def _touches(behaviour: Behaviour) -> pa.Table:
    wanted = ["person_id", "occurred_at", "channel"]
    return pa.concat_tables([behaviour.events.select(wanted), behaviour.contacts.select(wanted)])


def _person_draws(world: World, chunk: int, people: pa.Table) -> pa.Table:
    rng = world.rng("accounts", chunk)
    names = (
        "idle_pos",
        "idle_web",
        "second_pos",
        "second_web",
        "switch_pos",
        "switch_web",
        "idle_at",
    )
    return pa.table(
        {
            "person_id": people["person_id"],
            "place": np.arange(len(people)),
            **{name: rng.random(len(people)) for name in names},
        }
    )


def _numbers(world: World, chunk: int) -> pa.Table:
    """Account numbers of each system by place, in an order that tells nothing of the person."""
    rng = world.rng("account numbers", chunk)
    places = 2 * CHUNK
    return pa.table(
        {
            "place": np.arange(places),
            **{system: chunk * places + rng.permutation(places) + 1 for system in _PREFIX},
            "line_hex": [f"{high:016x}{low:016x}" for high, low in _long(rng, places)],
        }
    )


def _long(rng: np.random.Generator, count: int) -> list[list[int]]:
    return rng.integers(0, 2**63, (count, 2)).tolist()


def _order_draws(world: World, chunk: int, orders: pa.Table) -> pa.Table:
    rng = world.rng("forgotten cards", chunk)
    numbers = orders["order_no"].to_numpy()
    return pa.table(
        {
            "order_no": numbers,
            "forgot": rng.random(len(numbers)) < FORGOTTEN_CARD,
            "code": order_codes(numbers),
        }
    )


def _number_orders(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"""
        CREATE TEMP TABLE numbered AS
        SELECT order_no, person_id, system, ordered_at, coalesce(refund_of, order_no) AS base_no,
               forgot,
               CASE system
                   WHEN 'pos' THEN CAST((100 + datediff('day', DATE '{START:%Y-%m-%d}', ordered_at))
                                        * 1000000000 + order_no AS VARCHAR)
                   WHEN 'web' THEN strftime(ordered_at, '%y%m%d') || 'W'
                                   || lpad(CAST(order_no AS VARCHAR), 9, '0')
                   WHEN 'mall' THEN '{_MALL_SHOP}-' || strftime(ordered_at, '%Y%m%d') || '-'
                                    || lpad(CAST(order_no AS VARCHAR), 10, '0')
                   ELSE code
               END AS order_id
        FROM orders_given JOIN order_draws USING (order_no)
    """)


def _hold(con: duckdb.DuckDBPyConnection) -> None:
    """Who holds what: a table of accounts, each valid for orders from `since` on until `until`."""
    con.execute(f"""
        CREATE TEMP TABLE holders AS
        WITH seen AS (
            SELECT person_id, system, ordered_at AS moment FROM numbered WHERE person_id IS NOT NULL
            UNION ALL
            SELECT person_id, channel, occurred_at FROM touches WHERE channel IN ('line', 'call')
        ), idle AS (
            SELECT person_id, s.system,
                   TIMESTAMP '{START}' + to_days(CAST(floor(idle_at * {DAYS}) AS INTEGER))
                       + INTERVAL 11 HOUR AS moment
            FROM draws, (VALUES ('pos'), ('web')) s(system)
            WHERE CASE s.system WHEN 'pos' THEN idle_pos < {IDLE["pos"]}
                                ELSE idle_web < {IDLE["web"]} END
        ), first_seen AS (
            SELECT person_id, system, min(moment) AS first_at, max(moment) AS last_at
            FROM seen GROUP BY person_id, system
        )
        SELECT * FROM first_seen
        UNION ALL
        SELECT person_id, system, moment, moment
        FROM idle ANTI JOIN first_seen USING (person_id, system)
    """)
    con.execute(f"""
        CREATE TEMP TABLE cards AS
        WITH parted AS (
            SELECT h.*, d.place,
                   CASE system WHEN 'pos' THEN second_pos < {SECOND["pos"]}
                               WHEN 'web' THEN second_web < {SECOND["web"]} ELSE false END
                       AND last_at > first_at AS lost,
                   first_at + to_seconds(1 + CAST(floor(datediff('second', first_at, last_at)
                       * CASE system WHEN 'pos' THEN switch_pos ELSE switch_web END) AS BIGINT))
                       AS switch_at
            FROM holders h JOIN draws d USING (person_id)
        )
        SELECT person_id, system, 2 * place AS place, first_at AS opened_at,
               TIMESTAMP '0001-01-01' AS since,
               CASE WHEN lost THEN switch_at ELSE TIMESTAMP '9999-01-01' END AS until
        FROM parted
        UNION ALL
        SELECT person_id, system, 2 * place + 1, switch_at, switch_at, TIMESTAMP '9999-01-01'
        FROM parted WHERE lost
    """)
    con.execute(f"""
        CREATE TEMP TABLE accounts AS
        WITH guests AS (
            SELECT person_id, 'guest:' || arg_min(order_id, (ordered_at, order_id)) AS guest_id
            FROM numbered WHERE system = 'mall' GROUP BY person_id
        )
        SELECT c.*,
               CASE system
                   WHEN 'mall' THEN guest_id
                   WHEN 'line' THEN 'U' || line_hex
                   {
        " ".join(
            f"WHEN '{system}' THEN '{prefix}' || lpad(CAST(n.{system} AS VARCHAR), 7, '0')"
            for system, prefix in _PREFIX.items()
            if system != "line"
        )
    }
               END AS source_id
        FROM cards c JOIN numbers n USING (place) LEFT JOIN guests USING (person_id)
    """)


def _sign(con: duckdb.DuckDBPyConnection) -> None:
    """Each order's account; a refund bears that of the sale it takes back."""
    con.execute("""
        CREATE TEMP TABLE signed AS
        WITH owned AS (
            SELECT o.order_no, CASE WHEN o.system = 'pos' AND o.forgot THEN NULL
                                    ELSE a.source_id END AS source_id
            FROM numbered o LEFT JOIN accounts a
              ON o.person_id = a.person_id AND o.system = a.system
             AND o.ordered_at >= a.since AND o.ordered_at < a.until
            WHERE o.order_no = o.base_no
        )
        SELECT n.order_no, n.order_id, b.source_id
        FROM numbered n JOIN owned b ON n.base_no = b.order_no
    """)
