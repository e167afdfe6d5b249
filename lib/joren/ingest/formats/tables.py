"""`format: tables`: a folder with one CSV or Parquet file per canonical table, named after it."""

from __future__ import annotations

from pathlib import Path

from joren.errors import InputError, ParameterError
from joren.ingest.inputs import RawFile, TableInput, input_from
from joren.params import INPUT_TABLES, Source

_KINDS = (".csv", ".parquet")


def inputs(entry: str, source: Source, folder: Path) -> list[TableInput]:
    """The inputs of a folder of canonical tables; a table named by itself overrides the folder's.

    Raises
    ------
    InputError if the folder is not there, holds no table, or holds one table twice
    ParameterError if the source names neither a folder nor a table
    """
    named = source.tables()
    if source.path is None and not named:
        raise ParameterError(
            "format tables needs a folder", f"sources.{entry}", "add `path: <folder>`"
        )
    found = {} if source.path is None else _in_folder(entry, source.path, folder)
    return [
        input_from(entry, table, named[table], folder)
        if table in named
        else TableInput(entry, table, (found[table],))
        for table in INPUT_TABLES
        if table in named or table in found
    ]


def _in_folder(entry: str, path: str, folder: Path) -> dict[str, RawFile]:
    base = folder / Path(path).expanduser()
    where = f"sources.{entry}.path: {path}"
    if not base.is_dir():
        raise InputError("there is no such folder", where, "create it or correct the path")
    found: dict[str, RawFile] = {}
    for table in INPUT_TABLES:
        files = [base / f"{table}{kind}" for kind in _KINDS if (base / f"{table}{kind}").is_file()]
        if len(files) > 1:
            names = " and ".join(f.name for f in files)
            raise InputError(f"the folder holds both {names}", where, "keep one of them")
        if files:
            found[table] = RawFile(files[0], files[0].name)
    if not found:
        raise InputError(
            "the folder holds no canonical table",
            where,
            "name the files after the tables, for example orders.csv",
        )
    return found
