"""Queries that are a function of the shape of tables alone, each made once in a process.

To plan such a query takes longer than to run it on a small file, and a client sends many files of
one shape.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

_KNOWN: dict[str, str] = {}


def query_of(con: Backend, build: Callable[..., ir.Table], *shape: Any) -> str:
    """The query for what a function builds from a shape.

    Parameters
    ----------
    con : the engine, for its dialect
    build : a function of a module, whose outcome depends on nothing but its arguments
    shape : the arguments; what they are is told by how they are represented
    """
    key = f"{build.__module__}.{build.__qualname__}{shape!r}"
    if key not in _KNOWN:
        with _uncollected():
            _KNOWN[key] = con.compile(build(*shape))
    return _KNOWN[key]


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection, which takes a third of the time where so many objects are made."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
