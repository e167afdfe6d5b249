"""Parameters of a client: one YAML file over the house defaults, validated as a whole.

Nothing starts before every key and value was understood; an unknown key is an error that names
the nearest valid one and its line.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from joren.errors import ParameterError
from joren.params_accounting import Accounting
from joren.params_actions import Actions
from joren.params_campaigns import CampaignPlan, keys_at
from joren.params_dashboard import Dashboard
from joren.params_lists import Lists
from joren.params_ltv import Ltv
from joren.params_points import Points
from joren.params_report import Report
from joren.params_routes import Routes
from joren.params_section import Days, LocalizedText, Probability, Section, Share
from joren.params_segments import Segments
from joren.survivorship import Survivorship

INPUT_TABLES = (
    "customers", "orders", "order_lines", "point_entries", "point_balances_reported", "events",
    "contacts", "outcomes", "products", "stores", "staff", "weather", "stock", "subscriptions",
    "campaigns", "assignments",
)  # fmt: skip


def project_root() -> Path:
    """The folder that holds notebooks/, params/ and reports/."""
    return Path(os.environ.get("JOREN_HOME") or Path(__file__).resolve().parents[2])


class InputFiles(Section):
    """The file or files (a glob) that hold one canonical table, and how their columns map.

    `columns` maps canonical column → the file's header; what it leaves out is taken from headers
    that already bear the canonical name. `fixed_width` maps a name to its first and last character
    position, counted from 1. `constants` gives a column one value for every row. `words` gives, for
    a column that holds one word of a fixed list, the client's words for ours; `status` is the same
    for the status of orders.
    """

    path: str
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    fixed_width: dict[str, tuple[int, int]] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: str | None = None
    skip_rows: Annotated[int, Field(ge=0)] = 0
    status: dict[str, Literal["valid", "cancelled", "returned", "pending"]] = {}
    words: dict[str, dict[str, str]] = {}

    @field_validator("fixed_width")
    @classmethod
    def _positions_ascend(cls, value: dict[str, tuple[int, int]] | None):
        for name, (first, last) in (value or {}).items():
            if first < 1 or last < first:
                raise ValueError(
                    f"positions of {name} must be [first, last] with 1 <= first <= last"
                )
        return value


def _path_alone(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


FileSpec = Annotated[InputFiles, BeforeValidator(_path_alone)]


class Source(Section):
    """One system the client exports from; it gives none of the tables in `without`."""

    format: str
    path: str | None = None
    without: list[Literal[INPUT_TABLES]] = []
    customers: FileSpec | None = None
    orders: FileSpec | None = None
    order_lines: FileSpec | None = None
    point_entries: FileSpec | None = None
    point_balances_reported: FileSpec | None = None
    events: FileSpec | None = None
    contacts: FileSpec | None = None
    outcomes: FileSpec | None = None
    products: FileSpec | None = None
    stores: FileSpec | None = None
    staff: FileSpec | None = None
    weather: FileSpec | None = None
    stock: FileSpec | None = None
    subscriptions: FileSpec | None = None
    campaigns: FileSpec | None = None
    assignments: FileSpec | None = None

    def tables(self) -> dict[str, InputFiles]:
        """Canonical table → the files that hold it, for sources that name tables one by one."""
        named = {name: getattr(self, name) for name in INPUT_TABLES}
        return {name: files for name, files in named.items() if files is not None}

    def names_sources(self) -> bool:
        """Whether its rows may say themselves which source they are of."""
        mapped = (files.columns | files.constants for files in self.tables().values())
        return self.format == "tables" or any("source" in columns for columns in mapped)


class Identity(Section):
    review_band: Literal["auto"] | tuple[Probability, Probability] = "auto"
    household: bool = True
    locale: Literal["ja", "en"] = "ja"
    generic_names: Annotated[int, Field(ge=1)] = 3
    precision: Annotated[float, Field(ge=0.5, lt=1)] = 0.99
    survivorship: Survivorship = Survivorship()


class Quality(Section):
    max_quarantine_share: Share = 0.05
    max_source_age_days: Days | None = None


class Limits(Section):
    """What one step may take before it is ended."""

    step_timeout_minutes: Annotated[float, Field(gt=0)] = 60
    step_memory_gb: Annotated[float, Field(gt=0)] = 8


class Params(Section):
    """Everything a run depends on besides the files themselves."""

    client: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    title: LocalizedText
    language: Literal["ja", "en"] = "ja"
    timezone: str = "Asia/Tokyo"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "JPY"
    as_of: date | None = None
    engine: Literal["duckdb"] = "duckdb"
    seed: Annotated[int, Field(ge=0)] = 20261121
    sources: Annotated[dict[str, Source], Field(min_length=1)]
    identity: Identity = Identity()
    points: Points = Points()
    ltv: Ltv = Ltv()
    routes: Routes = Routes()
    segments: Segments = Segments()
    lists: Lists = Lists()
    actions: Actions = Actions()
    campaigns: dict[str, CampaignPlan] = {}
    interval: Probability = 0.9
    quality: Quality = Quality()
    accounting: Accounting = Accounting()
    report: Report = Report()
    dashboard: Dashboard = Dashboard()
    limits: Limits = Limits()

    @field_validator("timezone")
    @classmethod
    def _timezone_exists(cls, value: str) -> str:
        if value not in available_timezones():
            near = difflib.get_close_matches(value, available_timezones(), n=1)
            raise ValueError(f"no such time zone{f'; did you mean {near[0]}?' if near else ''}")
        return value

    @field_validator("sources")
    @classmethod
    def _source_names_are_plain(cls, value: dict[str, Source]) -> dict[str, Source]:
        for name in value:
            if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
                raise ValueError(f"source name {name!r} may hold letters, digits, _ and - only")
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class ClientFile(BaseModel):
    """A client's validated parameters and the folder its relative paths start from."""

    model_config = ConfigDict(frozen=True)

    params: Params
    path: Path

    @property
    def folder(self) -> Path:
        return self.path.parent


def client_path(client: str) -> Path:
    """The parameter file of CLIENT: a name under params/, or a path to a YAML file anywhere.

    Raises
    ------
    ParameterError if there is no such file; the nearest client name is offered
    """
    if client.endswith((".yaml", ".yml")) or os.sep in client:
        path = Path(client).expanduser().resolve()
        if not path.is_file():
            raise ParameterError("there is no such parameter file", client, "check the path")
        return path
    path = project_root() / "params" / f"{client}.yaml"
    if not path.is_file():
        near = difflib.get_close_matches(client, clients(), n=1)
        raise ParameterError(
            f"no client is called {client!r}",
            str(project_root() / "params"),
            f"did you mean {near[0]}" if near else f"create it with `joren new {client}`",
        )
    return path


def clients() -> list[str]:
    """The names of the clients under params/, in order."""
    folder = project_root() / "params"
    return sorted(p.stem for p in folder.glob("*.yaml") if p.stem != "defaults")


def load_client(client: str) -> ClientFile:
    """Read and validate the parameters of CLIENT over the house defaults.

    Raises
    ------
    ParameterError naming file, line, key and the nearest valid key
    """
    path = client_path(client)
    own = _read_yaml(path)
    defaults_path = project_root() / "params" / "defaults.yaml"
    defaults = _read_yaml(defaults_path) if defaults_path.is_file() else {}
    merged = _merge(_plain(defaults), _plain(own))
    if path.stem != merged.get("client") and path.parent == project_root() / "params":
        raise ParameterError(
            f"client {merged.get('client')!r} does not bear the name of its file",
            str(path),
            f"set `client: {path.stem}`",
        )
    try:
        params = Params.model_validate(merged)
    except ValidationError as error:
        raise ParameterError(*_explain(error, own, path)) from None
    _check_trusted_sources(params, own, path)
    return ClientFile(params=params, path=path)


def _check_trusted_sources(params: Params, own: Mapping[str, Any], path: Path) -> None:
    """Refuse a misspelt source; sources that tables name row by row are not known beforehand."""
    for field, source in params.identity.survivorship.trusted():
        if source in params.sources or any(s.names_sources() for s in params.sources.values()):
            continue
        location = ["identity", "survivorship", field]
        near = difflib.get_close_matches(source, params.sources, n=1)
        raise ParameterError(
            f"`{'.'.join(location)}` names {source!r}, which is no source",
            f"{path}{_line_of(own, location)}",
            f"did you mean {near[0]}" if near else f"choose of {', '.join(params.sources)}",
        )


def _read_yaml(path: Path) -> Mapping[str, Any]:
    try:
        content = YAML(typ="rt").load(path.read_text(encoding="utf-8-sig"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise ParameterError(
            f"this is not YAML: {error.problem or error}", f"{path}{line}", "correct the file"
        ) from None
    except UnicodeDecodeError:  # a ValueError too: must come first
        raise ParameterError("this is not UTF-8", str(path), "save the file as UTF-8") from None
    except ValueError as error:
        raise ParameterError(f"a value cannot be read: {error}", str(path), "correct it") from None
    if not isinstance(content, Mapping):
        raise ParameterError("this file holds no keys", str(path), "see params/demo.yaml")
    return content


def _plain(value: Any) -> Any:
    """The value without ruamel's round-trip types, which pydantic does not know."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = (
            _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return merged


def _explain(error: ValidationError, own: Mapping[str, Any], path: Path) -> tuple[str, str, str]:
    first = error.errors()[0]
    # pydantic names the branch of a union ("literal['auto']") as if it were a key
    location = [part for part in first["loc"] if not _is_union_branch(part)]
    dotted = ".".join(str(part) for part in location)
    where = f"{path}{_line_of(own, location)}"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _keys_at(location[:-1]), n=1)
        remedy = f"did you mean `{near[0]}`" if near else f"remove `{dotted}`"
        return f"unknown key `{dotted}`", where, remedy
    if first["type"] == "missing":
        return f"`{dotted}` is missing", where, f"add `{dotted}`"
    message = first["msg"].removeprefix("Value error, ")
    # a plain password must not be repeated on a screen or in a log
    given = "***" if dotted.endswith("password") else repr(first["input"])
    return f"`{dotted}` is {given}: {message}", where, f"correct `{dotted}`"


def _is_union_branch(part: int | str) -> bool:
    return isinstance(part, str) and (part.startswith(("literal[", "tuple[")))


def _keys_at(location: Iterable[int | str]) -> list[str]:
    parts = list(location)
    if parts[:1] == ["sources"]:
        return list((Source if len(parts) <= 2 else InputFiles).model_fields)
    if parts[:1] == ["campaigns"]:
        return keys_at(parts[2:])
    section: Any = Params
    for part in parts:
        field = section.model_fields.get(part) if hasattr(section, "model_fields") else None
        section = type(field.default) if field else None
    return list(getattr(section, "model_fields", ("ja", "en")))


def _line_of(own: Mapping[str, Any], location: list[int | str]) -> str:
    line, node = None, own
    for part in location:
        if not isinstance(node, Mapping | list) or not hasattr(node, "lc"):
            break
        try:
            line = node.lc.key(part)[0] if isinstance(node, Mapping) else node.lc.item(part)[0]
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
    return "" if line is None else f", line {line + 1}"
