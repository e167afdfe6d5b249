"""What a source promises to hold: which files carry which canonical table, and how they map.

A format (`formats/<system>.py`) turns one entry of `sources` into these records; everything after
that is shared. Light on purpose: a run looks here before it starts anything.
"""

from __future__ import annotations

import difflib
import glob
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING

from joren.contract import CANONICAL
from joren.errors import InputError, ParameterError
from joren.ingest.columns import VOCABULARY

if TYPE_CHECKING:
    from joren.params import InputFiles, Params, Source

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class RawFile:
    """One file, and its name below the fixed part of the pattern that found it.

    The name goes into tables and made order IDs, so it holds no path of the machine and does not
    change when other files are added.
    """

    path: Path
    name: str


@dataclass(frozen=True)
class TableInput:
    """The files of one source that hold one canonical table.

    `columns` maps canonical column → header; what it leaves out is taken from headers that bear
    the canonical name. `repeated_headers` are those the format knows to occur more than once.
    `words` maps column → the client's words → ours. With `cart`, the name of a cart format, each
    file is one of that format's kinds and may hold further tables, of which `without` are not read.
    """

    source: str
    table: str
    files: tuple[RawFile, ...]
    columns: Mapping[str, str] = field(default=_NONE)
    constants: Mapping[str, str] = field(default=_NONE)
    fixed_width: Mapping[str, tuple[int, int]] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    skip_rows: int = 0
    status: Mapping[str, str] = field(default=_NONE)
    words: Mapping[str, Mapping[str, str]] = field(default=MappingProxyType({}))
    repeated_headers: frozenset[str] = frozenset()
    cart: str | None = None
    without: frozenset[str] = frozenset()

    @property
    def where(self) -> str:
        """The parameter path of this input."""
        return f"sources.{self.source}.{self.table}"


def table_inputs(params: Params, folder: Path) -> list[TableInput]:
    """Every input the sources name, in the order of the sources and of the contract.

    Parameters
    ----------
    params : the client's parameters
    folder : folder that relative paths start from (the folder of the parameter file)

    Raises
    ------
    InputError if a pattern matches nothing, or no source holds customers or orders
    ParameterError if a format or a canonical column does not exist
    """
    inputs: list[TableInput] = []
    for entry, source in params.sources.items():
        module = _format(source.format, entry)
        if hasattr(module, "FORMAT"):
            inputs += _cart_inputs(entry, source, folder)
        else:
            found = module.inputs(entry, source, folder)
            inputs += [i for i in found if i.table not in source.without]
    if not any(i.table in ("customers", "orders") for i in inputs):
        raise InputError(
            "no source holds customers or orders",
            "sources",
            "name the files of at least one of them",
        )
    return inputs


def _cart_inputs(entry: str, source: Source, folder: Path) -> list[TableInput]:
    if source.path is not None or not source.tables():
        raise ParameterError(
            f"format {source.format} names its files table by table",
            f"sources.{entry}",
            "write for example `orders: orders/*.csv`",
        )
    without = frozenset(source.without)
    return [
        replace(input_from(entry, table, spec, folder), cart=source.format, without=without)
        for table, spec in source.tables().items()
    ]


def raw_files(params: Params, folder: Path) -> list[Path]:
    """Every raw file that the sources and `accounting` name, sorted, each once.

    Raises
    ------
    InputError if a pattern matches nothing, or the accounting's file is not there
    """
    files = {f.path for i in table_inputs(params, folder) for f in i.files}
    booked = accounting_file(params, folder)
    return sorted(files | ({booked} if booked else set()))


def accounting_file(params: Params, folder: Path) -> Path | None:
    """The client's own monthly totals, where the parameters name a file of them.

    Raises
    ------
    InputError if it is not there
    """
    if params.accounting.path is None:
        return None
    path = (folder / Path(params.accounting.path).expanduser()).resolve()
    if not path.is_file():
        raise InputError(
            "there is no such file", f"accounting.path: {params.accounting.path}",
            "correct the path",
        )  # fmt: skip
    return path


def format_names() -> list[str]:
    """The formats there are: the modules of `joren.ingest.formats`."""
    import joren.ingest.formats as formats

    return sorted(module.name for module in pkgutil.iter_modules(formats.__path__))


def _format(name: str, entry: str):
    known = format_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise ParameterError(
            f"there is no format {name!r}",
            f"sources.{entry}.format",
            f"did you mean {near[0]}" if near else f"use one of {', '.join(known)}",
        )
    return importlib.import_module(f"joren.ingest.formats.{name}")


def input_from(entry: str, table: str, spec: InputFiles, folder: Path) -> TableInput:
    """The input that a table's own entry in the parameters describes.

    Raises
    ------
    InputError if its pattern matches nothing
    ParameterError if it names a canonical column that the table does not have
    """
    where = f"sources.{entry}.{table}"
    for section, names in (("columns", spec.columns), ("constants", spec.constants)):
        for name in names:
            _check_column(name, table, f"{where}.{section}")
    for name, meanings in spec.words.items():
        _check_words(name, meanings, table, f"{where}.words")
    return TableInput(
        source=entry,
        table=table,
        files=files_matching(spec.path, folder, where),
        columns=spec.columns,
        constants={name: text.strip() for name, text in spec.constants.items()},
        fixed_width=spec.fixed_width,
        delimiter=spec.delimiter,
        encoding=spec.encoding,
        skip_rows=spec.skip_rows,
        status=spec.status,
        words=spec.words,
    )


def _check_column(name: str, table: str, where: str) -> None:
    known = CANONICAL[table].column_names
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    raise ParameterError(
        f"table {table} has no column {name!r}",
        where,
        f"did you mean {near[0]}" if near else f"use one of {', '.join(known)}",
    )


def _check_words(name: str, meanings: Mapping[str, str], table: str, where: str) -> None:
    ours = VOCABULARY.get((table, name))
    if ours is None:
        known = [column for held, column in VOCABULARY if held == table]
        remedy = f"use {' or '.join(known)}" if known else "remove it"
        raise ParameterError(f"{table}.{name} has no fixed list of words", where, remedy)
    for meant in meanings.values():
        if meant not in ours:
            raise ParameterError(
                f"{meant!r} is no word of {table}.{name}", where, f"use one of {', '.join(ours)}"
            )


def files_matching(pattern: str, folder: Path, where: str) -> tuple[RawFile, ...]:
    """The files a path or glob names, in the order of their names.

    Raises
    ------
    InputError if there is none; the nearest file name is offered
    """
    parts = PurePath(Path(pattern).expanduser()).parts
    fixed = next((n for n, part in enumerate(parts) if glob.has_magic(part)), len(parts) - 1)
    base = folder.joinpath(*parts[:fixed])
    found = base.glob(str(PurePath(*parts[fixed:]))) if base.is_dir() else ()
    below = sorted(path.relative_to(base) for path in found if path.is_file())
    # ._orders.csv and its kin are what file systems leave behind
    names = [path.as_posix() for path in below if not path.name.startswith((".", "~$"))]
    if names:
        return tuple(RawFile(base / name, name) for name in names)
    raise InputError(f"no file matches {pattern}", where, _advice(base, parts[-1]))


def _advice(base: Path, wanted: str) -> str:
    if not base.is_dir():
        return f"create the folder {base} or correct the path"
    if (base / wanted).is_dir():
        return f"name the files in it, for example {wanted}/*.csv"
    near = difflib.get_close_matches(wanted, sorted(p.name for p in base.iterdir()), n=1)
    return f"did you mean {near[0]}" if near else f"put the file into {base} or correct the path"
