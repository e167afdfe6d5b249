"""What a notebook holds on to: its declared tables, parameters and outputs.

A scheduled notebook writes into a folder of its own inside the run; the sequence moves what it
finds there into the run once the step is proved complete. Opened by hand, the same notebook reads
the last published run and writes to a scratch folder, never into a published one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis

from joren import text
from joren.contract import TABLES, check_columns, validate
from joren.engine import connect, read_parquet, write_parquet
from joren.errors import JorenError
from joren.known import TIME_COLUMNS, known_by, lines_of
from joren.notebooks import StepSource, find_step
from joren.params import Params, project_root
from joren.report.findings import Finding, compose
from joren.secrets import client_secret
from joren.state_log import append_now
from joren.workspace import RESTRICTED, Workspace, create_scratch, read_json, table_path, write_json

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd
    from matplotlib.figure import Figure


class StepStopped(Exception):
    """A step ended itself with a stated reason; not an error of the program."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class DeclaredParams:
    """The parameters a step declared; any other section raises, so that reuse stays honest."""

    def __init__(self, params: Params, source: StepSource) -> None:
        self._params, self._source = params, source

    def __getattr__(self, name: str) -> Any:
        _check_declared(self._source, "params", name, f"the parameter {name!r}")
        return getattr(self._params, name)


class Step:
    """One notebook at work. Open it with `open_step`."""

    def __init__(
        self, source: StepSource, params: Params, inputs: Path, folder: Path, by_hand: bool
    ) -> None:
        self.source, self.inputs, self.folder, self.by_hand = source, inputs, folder, by_hand
        self.params = DeclaredParams(params, source)
        self._params = params
        self._items: list[dict[str, Any]] = []
        self._record = read_json(inputs / "run.json")

    # -- what the step may know

    @property
    def language(self) -> str:
        return self._params.language

    @property
    def currency(self) -> str:
        return self._params.currency

    @property
    def client(self) -> str:
        return self._params.client

    @property
    def params_file(self) -> Path:
        """The client's parameter file."""
        return Path(self._record["params_file"])

    @property
    def client_folder(self) -> Path:
        """The folder of the client's parameter file; raw files are named relative to it."""
        return self.params_file.parent

    @property
    def started_at(self) -> datetime:
        """The run's start in the client's timezone, without offset."""
        started = datetime.fromisoformat(self._record["started_at"])
        return started.astimezone(self._params.zone).replace(tzinfo=None)

    @cached_property
    def as_of(self) -> date:
        """The last day of data, inclusive.

        Raises
        ------
        JorenError while ingest has not set it
        """
        if not self._record.get("as_of"):
            raise JorenError("as_of is not known yet", self.source.name, "read it after ingest")
        return date.fromisoformat(self._record["as_of"])

    @property
    def seed(self) -> int:
        """A seed of this step's own, derived from the client's."""
        digest = hashlib.sha256(f"{self._params.seed}:{self.source.name}".encode()).digest()
        return int.from_bytes(digest[:4], "big")

    @cached_property
    def con(self):
        """The engine, with room left for Python inside the step's memory limit."""
        scratch = self.folder / ".spill"
        return connect(memory_gb=0.6 * self._params.limits.step_memory_gb, scratch=scratch)

    def secret(self, name: str) -> bytes:
        """The client's secret of that name."""
        return client_secret(self._workspace, name)

    # -- tables

    def table(self, name: str) -> ir.Table:
        """A declared input, up to and including as_of; empty where the client has none."""
        _check_declared(self.source, "reads", name, f"the table {name}")
        path = table_path(self.inputs, name)
        if not path.is_file():
            return self.con.create_table(
                f"empty_{name.replace('/', '_')}", schema=TABLES[name].ibis_schema(), temp=True,
                overwrite=True,
            )  # fmt: skip
        table = read_parquet(self.con, path)
        if name == "canonical/order_lines":
            orders = read_parquet(self.con, table_path(self.inputs, "canonical/orders"))
            return lines_of(table, known_by(orders, "canonical/orders", self.as_of))
        return known_by(table, name, self.as_of) if name in TIME_COLUMNS else table

    def write(self, name: str, table: ir.Table | pd.DataFrame | Any) -> None:
        """Write a declared output, ordered by its key; it must satisfy its contract.

        Raises
        ------
        JorenError if the step did not declare the table; ContractError if it breaks its contract
        """
        _check_declared(self.source, "writes", name, f"the table {name}")
        expression = self._as_expression(table)
        check_columns(expression, name)
        path = table_path(self.folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        contract = TABLES.get(name)
        write_parquet(expression, path, contract.key if contract else expression.columns)
        if path.relative_to(self.folder).parts[0] in RESTRICTED:
            path.chmod(0o600)
        if self.by_hand:  # in a scheduled run the sequence proves every table of the step
            validate(read_parquet(self.con, path), name)

    def export(self, name: str, table: ir.Table, columns: dict[str, str]) -> Path:
        """Write a list another tool reads, as `exports/<name>.csv`; see `lists.files.write_csv`.

        Parameters
        ----------
        columns : column → text key of its header, in the order of the file
        """
        from joren.lists.files import write_csv

        headers = {column: text.render(self.language, key) for column, key in columns.items()}
        path = self.folder / "exports" / f"{name}.csv"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_csv(self.con, table, path, headers, self._params.lists.encoding)
        return path

    def _as_expression(self, table: Any) -> ir.Table:
        if isinstance(table, ibis.Table):
            return table
        name = f"given_{len(self.con.list_tables())}"
        return self.con.create_table(name, ibis.memtable(table), temp=True)

    def state(self, name: str) -> ir.Table | None:
        """All published rows of a state log, or None while nothing was published."""
        _check_declared(self.source, "state", name, f"the state log {name!r}")
        files = sorted((self._workspace.state / name).glob("*.parquet"))
        return self.con.read_parquet([str(path) for path in files]) if files else None

    def append_state(self, name: str, table: ir.Table | pd.DataFrame | Any) -> None:
        """Rows to append to a state log when, and only when, this run is published."""
        _check_declared(self.source, "state", name, f"the state log {name!r}")
        # the engine can take no frame without rows: its columns have no types
        if not isinstance(table, ibis.Table) and len(table) == 0:
            return
        expression = self._as_expression(table)
        if expression.count().execute() == 0:
            return
        stem = f"{self.inputs.name}__{self.source.folder_name}"
        path = self.folder / "state" / name / f"{stem}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(expression, path, expression.columns)
        path.chmod(0o600)

    def record(self, name: str, table: ir.Table | pd.DataFrame | Any) -> None:
        """Append rows to a state log now, run by hand or not: what a person decided stands."""
        _check_declared(self.source, "state", name, f"the state log {name!r}")
        append_now(self._workspace, name, self._as_expression(table))

    def private_cache(self, name: str) -> Path:
        """A folder, closed to others, for what can be worked out again; by hand a scratch one."""
        base = self.folder if self.by_hand else self._workspace.cache
        return base / "restricted" / name

    # -- what a reader sees

    def finding(
        self,
        key: str,
        *,
        value: float,
        n: int,
        lower: float | None = None,
        upper: float | None = None,
        why_no_interval: str | None = None,
        accent: bool = False,
        **facts: Any,
    ) -> Finding:
        """A sentence built from numbers, recorded for the report; see `report.findings.compose`."""
        finding = compose(
            key,
            value=value,
            lower=lower,
            upper=upper,
            n=n,
            why_no_interval=why_no_interval,
            accent=accent,
            level=self._params.interval,
            as_of=self.as_of,
            currency=self.currency,
            language=self.language,
            facts=facts,
        )
        self._add(finding.as_item())
        return finding

    def figure(
        self, name: str, draw: Callable[[str], Figure] | Figure, title: Finding | str
    ) -> Any:
        """Save a figure in print size; its title is a finding.

        Parameters
        ----------
        draw : a function of the language that draws the figure, so that the report exists in both;
            or a figure whose labels need no language
        title : the finding it shows, or a text key
        """
        from joren.report.figures import save

        files = save(name, draw, self.folder / "figures")
        self._add({"kind": "figure", "name": name, "title": self._title(title), "svg": files})
        from IPython.display import SVG

        return SVG(filename=str(self.folder / files[self.language]))

    def table_for_report(
        self,
        name: str,
        table: ir.Table | pd.DataFrame,
        columns: dict[str, tuple[str, str]],
        title: Finding | str,
    ) -> Any:
        """Record a small table.

        Parameters
        ----------
        columns : column → (text key of its header, format spec)
        title : the finding it shows, or a text key
        """
        frame = table.to_pandas() if isinstance(table, ibis.Table) else table
        from joren.report.table_items import table_item

        self._add(table_item(name, self._title(title), frame, columns, self.currency))
        return frame[list(columns)]

    def _title(self, title: Finding | str) -> dict[str, str]:
        if isinstance(title, Finding):
            self._mark_as_title(title)
            return title.text
        return {language: text.render(language, title) for language in text.LANGUAGES}

    def _mark_as_title(self, finding: Finding) -> None:
        # the report says a sentence once: above its figure, not again as a paragraph
        for item in self._items:
            if item["kind"] == "finding" and item["text"] == finding.text:
                item["in_title"] = True

    def _add(self, item: dict[str, Any]) -> None:
        # a cell that is run again replaces what it said before
        identity = (item["kind"], item.get("name") or item.get("key"), item.get("subject"))
        self._items = [
            kept
            for kept in self._items
            if (kept["kind"], kept.get("name") or kept.get("key"), kept.get("subject")) != identity
        ]
        self._items.append(item)
        write_json(self.folder / "items.json", self._items)

    # -- what ends or blocks a step

    def set_as_of(self, as_of: date, warnings: list[text.Note]) -> None:
        """Fix the run's last day of data; only ingest does."""
        remarks = [warning.texts for warning in warnings]
        write_json(self.folder / "facts.json", {"as_of": as_of.isoformat(), "warnings": remarks})
        self._record["as_of"] = as_of.isoformat()
        self.__dict__.pop("as_of", None)

    def block(self, reasons: list[str]) -> None:
        """Forbid publication: the inputs are too poor or too old. Does nothing without reasons."""
        if reasons:
            write_json(self.folder / "blocked.json", {"reasons": reasons})

    def refuse(self, key: str, **facts: Any) -> None:
        """End the step here because the data cannot carry an answer; the reason is reported.

        Raises
        ------
        StepStopped, which the sequence takes as the step's stated end
        """
        reason = {
            language: text.render(language, key, currency=self.currency, as_of=self.as_of, **facts)
            for language in text.LANGUAGES
        }
        write_json(self.folder / "refused.json", {"key": key, "reason": reason})
        raise StepStopped(reason[self.language])

    @cached_property
    def _workspace(self) -> Workspace:
        root = self.inputs.parent
        return Workspace(self.client, root.parent)


def open_step(name: str, client: str, run: str) -> Step:
    """Open the step `name` for `client`.

    Parameters
    ----------
    name : `<stage folder>/<notebook>`, without .ipynb
    client : the client's name
    run : the run's ID; empty when the notebook is run by hand, which reads the last published run
        and writes to a scratch folder

    Raises
    ------
    JorenError if the notebook is run by hand and nothing was published yet
    """
    reports = Path(os.environ.get("JOREN_REPORTS") or project_root() / "reports")
    source = find_step(name)
    workspace = Workspace(client, reports)
    if run:
        inputs = workspace.run_folder(run)
        folder = inputs / ".steps" / source.folder_name
    else:
        inputs = workspace.latest()
        if inputs is None:
            raise JorenError(
                f"no run of {client} was published yet", str(reports), f"run `joren run {client}`"
            )
        folder = create_scratch(workspace, source.folder_name)
    folder.mkdir(parents=True, exist_ok=True)
    params = Params.model_validate(read_json(inputs / "run.json")["parameters"])
    return Step(source, params, inputs, folder, by_hand=not run)


def _check_declared(source: StepSource, part: str, name: str, what: str) -> None:
    if name not in getattr(source, part):
        raise JorenError(
            f"{what} is not declared",
            source.name,
            f"add {name!r} to `{part}` in the notebook's joren metadata",
        )
