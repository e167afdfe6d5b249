"""Where the simulated tables wait, chunk by chunk, until the files are written from them.

A database file in a temporary folder: memory stays bounded whatever the number of customers.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

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

    def append(self, name: str, table: pa.Table) -> None:
        """Add a chunk's rows to a table; the first chunk makes it."""
        self.con.register("incoming", table)
        self.con.execute(f"CREATE TABLE IF NOT EXISTS {name} AS FROM incoming LIMIT 0")
        self.con.execute(f"INSERT INTO {name} BY NAME FROM incoming")
        self.con.unregister("incoming")
