"""Which system, export and version a file comes from, told from its header alone.

Headers are matched as a set: systems reorder, drop and add columns by template and over the years.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from joren.errors import InputError
from joren.ingest.headers import folded
from joren.ingest.kinds import Format, Kind

LEAST_SCORE = 0.5
"""A file of which its kind knows a smaller share of headers is refused: it is something else."""

type Slot = tuple[str, int]


@dataclass(frozen=True)
class Recognised:
    """The kind of file that explains a header best.

    Parameters
    ----------
    score : share of the file's named headers that the kind knows; 0 where a required one is missing
    positions : (header of the kind, its occurrence from 1) → index of the file's column
    unknown : the file's headers that the kind does not know
    missing : headers of the kind that the file lacks, required ones first
    lacking : those of them that are required
    """

    format: Format
    kind: Kind
    score: float
    positions: Mapping[Slot, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    lacking: tuple[str, ...]

    @property
    def trusted(self) -> bool:
        """Whether the file may be read as this kind."""
        return self.score >= LEAST_SCORE


def recognise(header: Sequence[str], formats: Sequence[Format]) -> Recognised:
    """Find the kind that explains most of a header; of two that explain the same, the smaller one.

    The outcome may be no good match: see `Recognised.trusted` and `refuse`.

    Parameters
    ----------
    header : the file's headers in order
    formats : one or more formats to choose from
    """
    found = [_match(header, format, kind) for format in formats for kind in format.kinds]
    return max(found, key=lambda one: (one.score > 0, len(set(one.positions.values())), _size(one)))


def _size(found: Recognised) -> tuple[float, int]:
    return found.score, -len(found.kind.headers)


def _match(header: Sequence[str], format: Format, kind: Kind) -> Recognised:
    slots = _slots(kind.headers)
    taken: dict[Slot, int] = {}
    open_columns = [n for n, name in enumerate(header) if folded(name)]
    named = len(open_columns)
    for candidates in _passes(kind):
        waiting = []
        for column in open_columns:
            free = (s for s in candidates(header[column], slots) if s not in taken)
            slot = next(free, None)
            if slot is None:
                waiting.append(column)
            else:
                taken[slot] = column
        open_columns = waiting
    # a rule may name a header by its beginning alone
    for prefix in kind.prefixes:
        slot = next((s for s in taken if folded(s[0]).startswith(folded(prefix))), None)
        if slot is not None:
            taken.setdefault((prefix, 1), taken[slot])
    lacking = tuple(name for name in kind.required if (name, 1) not in taken)
    rest = [name for name, nth in slots if (name, nth) not in taken and name not in lacking]
    known = named - len(open_columns)
    return Recognised(
        format,
        kind,
        0.0 if lacking or not named else known / named,
        taken,
        tuple(header[n] for n in open_columns),
        (*lacking, *rest),
        lacking,
    )


def _slots(headers: Sequence[str]) -> list[Slot]:
    seen: dict[str, int] = defaultdict(int)
    slots = []
    for name in headers:
        seen[name] += 1
        slots.append((name, seen[name]))
    return slots


def _passes(kind: Kind):
    """Ways for a file's header to be one of the kind's, the surest first."""
    by_name: dict[str, list[Slot]] = defaultdict(list)
    by_fold: dict[str, list[Slot]] = defaultdict(list)
    for slot in _slots(kind.headers):
        by_name[slot[0]].append(slot)
        by_fold[folded(slot[0])].append(slot)
    by_alias: dict[str, list[Slot]] = defaultdict(list)
    for name, others in kind.aliases.items():
        for other in others:
            by_alias[folded(other)] += by_name[name]

    def beginning(name: str, slots: Sequence[Slot]) -> Iterator[Slot]:
        for prefix in kind.prefixes:
            if folded(name).startswith(folded(prefix)):
                yield from (s for s in slots if folded(s[0]).startswith(folded(prefix)))

    return (
        lambda name, _: by_name.get(name, ()),
        lambda name, _: by_fold.get(folded(name), ()),
        lambda name, _: by_alias.get(folded(name), ()),
        beginning,
    )


def refuse(found: Recognised, header: Sequence[str], place: str) -> InputError:
    """The error for a file that is no kind of its format: the nearest one, and what it lacks.

    Parameters
    ----------
    found : the outcome of `recognise`
    header : the file's headers
    place : the file
    """
    title = found.kind.title
    if found.lacking:
        wanted = ", ".join(_with_nearest(name, header) for name in found.lacking)
        what = f"this is no export of {found.format.title}: the nearest, {title}, needs {wanted}"
    else:
        what = (
            f"this is no export of {found.format.title}: the nearest, {title}, knows "
            f"{found.score:.0%} of its headers, and {LEAST_SCORE:.0%} are needed"
        )
    remedy = f"let `joren new CLIENT --from {place}` propose how its columns map"
    return InputError(what, place, remedy)


def _with_nearest(wanted: str, header: Sequence[str]) -> str:
    names = {folded(name): name for name in header}
    near = difflib.get_close_matches(folded(wanted), list(names), n=1, cutoff=0.5)
    return f"{wanted!r} (nearest header: {names[near[0]]!r})" if near else repr(wanted)


def load_formats() -> tuple[Format, ...]:
    """Every cart format there is, by name."""
    import joren.ingest.formats as package

    modules = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    found = (load_format(name) for name in modules)
    return tuple(format for format in found if format is not None)


def load_format(name: str) -> Format | None:
    """The cart format of a module under `formats/`; None where it describes no cart."""
    return getattr(importlib.import_module(f"joren.ingest.formats.{name}"), "FORMAT", None)
