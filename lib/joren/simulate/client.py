"""A whole simulated client: raw exports, parameters and answer key."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from joren.errors import ParameterError
from joren.simulate.accounts import open_accounts
from joren.simulate.behaviour import behave
from joren.simulate.correspondence import on_record
from joren.simulate.exports.crm import write_crm
from joren.simulate.exports.files import Written
from joren.simulate.exports.key import write_key
from joren.simulate.exports.mall import write_mall
from joren.simulate.exports.pos import write_pos
from joren.simulate.exports.teiki import gather_courses, write_teiki
from joren.simulate.exports.touch import write_call, write_line
from joren.simulate.exports.web import write_web
from joren.simulate.ledger import keep_ledger
from joren.simulate.order_records import record_orders
from joren.simulate.params_file import MARK, params_text, readme_text
from joren.simulate.population import make_population
from joren.simulate.setting import setting
from joren.simulate.spool import Spool
from joren.simulate.world import World

FEWEST, MOST = 500, 1_000_000
_WRITERS = {
    "pos": write_pos, "web": write_web, "mall": write_mall, "teiki": write_teiki,
    "line": write_line, "call": write_call, "crm": write_crm, "answer_key": write_key,
}  # fmt: skip


@dataclass(frozen=True)
class Simulated:
    """What was written: each file below the data folder with its rows, and how long it took."""

    folder: Path
    params: Path
    files: dict[str, int]
    seconds: float

    def report(self) -> str:
        """A line a folder, then where it all is and how long it took."""
        lines = []
        for part in _WRITERS:
            rows = [count for name, count in self.files.items() if name.split("/")[0] == part]
            lines.append(f"{part:<12} {len(rows):>3} files {sum(rows):>12,} rows")
        return "\n".join(
            [
                *lines,
                f"wrote {self.folder} and {self.params} in {self.seconds:.1f} s; "
                f"see what is in them with `joren check {self.params.stem}`",
            ]
        )


def simulate(name: str, customers: int, seed: int, folder: Path, params_path: Path) -> Simulated:
    """Simulate a retailer and write what its systems would export.

    Parameters
    ----------
    name : the client's name: a-z, 0-9, _ and -
    customers : people who buy in the observed two years, 500 to 1,000,000
    seed : the same name, customers and seed give the same bytes
    folder : the data folder; replaced if an earlier simulation wrote it
    params_path : the client's parameter file; likewise

    Raises
    ------
    ParameterError if a number or the name is out of bounds, or something else stands in the way
    """
    begun = time.monotonic()
    _check(name, customers, seed)
    _check_ours(params_path)
    _check_ours(folder / "README.md" if folder.exists() else folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    written = Written()
    world = World(customers, seed)
    with Spool(folder.parent) as spool:
        _live(world, spool)
        for part, write in _WRITERS.items():
            write(spool, partial / part, written)
    (partial / "README.md").write_text(readme_text(name, customers, seed), encoding="utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)
    params_path.parent.mkdir(parents=True, exist_ok=True)
    params_path.write_text(
        params_text(name, customers, seed, folder, params_path.parent), encoding="utf-8"
    )
    files = {path.relative_to(partial).as_posix(): rows for path, rows in written.files.items()}
    return Simulated(folder, params_path, files, time.monotonic() - begun)


def _live(world: World, spool: Spool) -> None:
    """Simulate everybody, chunk by chunk, into the spool."""
    spool.append_all(vars(setting(world)))
    for chunk in world.chunks():
        people = make_population(world, chunk)
        behaviour = behave(world, chunk, people)
        accounts = open_accounts(world, chunk, people, behaviour)
        ledger = keep_ledger(world, chunk, behaviour, accounts)
        orders, lines = record_orders(behaviour, accounts, ledger)
        held = accounts.accounts
        tables = {
            "people": people,
            "accounts": held,
            "register": accounts.contacts,
            "orders": orders,
            "lines": lines,
            "processes": behaviour.processes,
            "subscriptions": behaviour.subscriptions,
            "future_orders": behaviour.future_orders,
            "outcomes": behaviour.outcomes,
            "exposures": behaviour.exposures,
            "events": on_record(behaviour.events, "occurred_at", "channel", held),
            "contacts": on_record(behaviour.contacts, "occurred_at", "channel", held),
            "assignments": on_record(behaviour.assignments, "assigned_at", None, held),
            "point_entries": ledger.entries,
            "lots": ledger.lots,
            "balances": ledger.balances,
            "planted": ledger.planted,
        }
        spool.append_all(tables)
    spool.hold()
    gather_courses(spool)


def _check(name: str, customers: int, seed: int) -> None:
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise ParameterError(f"{name!r} is not a client name", "", "use a-z, 0-9, _ and -")
    if not FEWEST <= customers <= MOST:
        raise ParameterError(
            f"{customers:,} customers cannot be simulated",
            "--customers",
            f"choose {FEWEST:,} to {MOST:,}",
        )
    if seed < 0:
        raise ParameterError("a seed cannot be negative", "--seed", "choose 0 or more")


def _check_ours(path: Path) -> None:
    """Refuse to replace what no simulation wrote."""
    if not path.exists() and path.name != "README.md":
        return
    first = path.read_text(encoding="utf-8").split("\n", 1)[0] if path.is_file() else ""
    if MARK not in first:
        raise ParameterError(
            "no simulation wrote this, so none replaces it",
            str(path if path.name != "README.md" else path.parent),
            "choose another name, or remove it",
        )
