"""Where the simulated tables wait, chunk by chunk, until the files are written from them.

A database file in a temporary folder: memory stays bounded whatever the number of customers.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from joren.errors import JorenError

MEMORY_LIMIT = "2GB"


class Spool:
    """A database of tables that grow by chunks. Use it as a context manager.

    Parameters
    ----------
    folder : the folder that holds the temporary one; None leaves the system's default
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._held = tempfile.TemporaryDirectory(prefix="joren-simulate-", dir=folder)
        self.folder = Path(self._held.name)
        self.con = duckdb.connect(str(self.folder / "spool.duckdb"))
        self.con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        self._rows: Counter[str] = Counter()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.con.close()
        self._held.cleanup()

    def append_all(self, tables: Mapping[str, pa.Table]) -> None:
        """Add a chunk's rows to its tables, in one transaction.

        A transaction over many chunks is no option: DuckDB 2.0 was seen to lose the rows of tables
        beyond some 1.8 million when it committed them.
        """
        self.con.begin()
        for name, table in tables.items():
            self.append(name, table)
        self.con.commit()

    def append(self, name: str, table: pa.Table) -> None:
        """Add rows to a table; the first ones make it."""
        self._rows[name] += table.num_rows
        self.con.register("incoming", table)
        self.con.execute(f"CREATE TABLE IF NOT EXISTS {name} AS FROM incoming LIMIT 0")
        self.con.execute(f"INSERT INTO {name} BY NAME FROM incoming")
        self.con.unregister("incoming")

    def hold(self) -> None:
        """See that every row appended is there.

        Raises
        ------
        JorenError if the engine lost some
        """
        for name, rows in self._rows.items():
            held = self.con.sql(f"SELECT count(*) FROM {name}").fetchall()[0][0]
            if held != rows:
                raise JorenError(
                    f"{rows - held:,} of {rows:,} rows of {name} were lost",
                    str(self.folder),
                    "report this: it is a fault of Joren",
                )
