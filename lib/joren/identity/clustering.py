"""Union-find that refuses to put two people together.

Edges are taken strongest first; a union is refused when the clusters it would join hold two birth
dates, two genders, given names that have none in common, too many records, or a pair a reviewer
has kept apart. Unguarded, one shared phone chains strangers: methods.md, 01, 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LARGEST_CLUSTER = 30
NEAR_FROM_LENGTH = 3


class Traits(NamedTuple):
    """What a record says of its person; None where it is silent."""

    birth_date: object = None
    gender: str | None = None
    given: str | None = None
    given_sound: str | None = None


class Edge(NamedTuple):
    """A link between two record numbers."""

    left: int
    right: int
    probability: float


@dataclass
class Clusters:
    """Disjoint sets of records under guard. Records never named in an edge stand alone."""

    traits: Mapping[int, Traits]
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)
    _parent: dict[int, int] = field(default_factory=dict)
    _members: dict[int, list[int]] = field(default_factory=dict)
    _known: dict[int, tuple[set, set, set, set]] = field(default_factory=dict)

    def find(self, record: int) -> int:
        """The smallest record of the record's cluster."""
        parent = self._parent
        root = record
        while (above := parent.get(root, root)) != root:
            root = above
        while (above := parent.get(record, record)) != root:
            parent[record] = root
            record = above
        return root

    def members(self, record: int) -> list[int]:
        root = self.find(record)
        return self._members.get(root, [root])

    def known(self, record: int) -> tuple[set, set, set, set]:
        root = self.find(record)
        if root not in self._known:
            self._known[root] = tuple(
                {value} if value is not None else set()
                for value in self.traits.get(root, Traits())
            )  # fmt: skip
        return self._known[root]

    def why_not(self, left: int, right: int) -> str | None:
        """Why the clusters of two records may not become one; None if they may."""
        ours, theirs = self.known(left), self.known(right)
        for name, mine, other in zip(("birth_date", "gender"), ours, theirs, strict=False):
            if mine and other and mine != other:
                return name
        if _given_names_conflict(ours, theirs):
            return "given_name"
        few, many = sorted((self.members(left), self.members(right)), key=len)
        if len(few) + len(many) > LARGEST_CLUSTER:
            return "size"
        if self.apart:
            others = set(many)
            if any(self.apart.get(record, frozenset()) & others for record in few):
                return "verdict"
        return None

    def unite(self, left: int, right: int) -> str | None:
        """Join the clusters of two records; returns why not if that is refused."""
        first, second = sorted((self.find(left), self.find(right)))
        if first == second:
            return None
        reason = self.why_not(first, second)
        if reason is not None:
            return reason
        members = self.members(first) + self.members(second)
        merged = tuple(a | b for a, b in zip(self.known(first), self.known(second), strict=True))
        self._parent[second] = first
        self._members[first], self._known[first] = members, merged
        self._members.pop(second, None)
        self._known.pop(second, None)
        return None


def cluster_strongest_first(clusters: Clusters, edges: Iterable[Edge]) -> dict[tuple, str]:
    """Unite along the edges, most probable first.

    Returns
    -------
    (left, right) → reason, for edges whose union was refused
    """
    refused = {}
    for edge in sorted(edges, key=lambda e: (-e.probability, e.left, e.right)):
        reason = clusters.unite(edge.left, edge.right)
        if reason is not None:
            refused[edge.left, edge.right] = reason
    return refused


def attach_to_sole_owner(clusters: Clusters, shared: Mapping[int, Iterable[int]]) -> dict[int, int]:
    """Join each record that has nothing but an identifier to the one cluster that owns it.

    Parameters
    ----------
    clusters : after `cluster_strongest_first`; changed
    shared : bare record → records with a name or birth date that carry one of its identifiers

    Returns
    -------
    bare record → the owner's record it was joined through; a record whose identifiers belong to
    several clusters is left alone
    """
    owners = {
        bare: sorted(others)
        for bare, others in shared.items()
        if len(owning := {clusters.find(other) for other in others}) == 1
        and clusters.find(bare) not in owning
    }
    return {
        bare: others[0]
        for bare, others in sorted(owners.items())
        if clusters.unite(bare, others[0]) is None
    }


def _given_names_conflict(ours: tuple, theirs: tuple) -> bool:
    """Given names are known on both sides in one script, and in no script do they agree.

    A kana mistyped is no conflict where the kanji do not speak against it.
    """
    written, sounds = ((a, b) for a, b in zip(ours[2:], theirs[2:], strict=True))
    if all(written):
        return not (written[0] & written[1]) and not (sounds[0] & sounds[1])
    return all(sounds) and not any(_near(a, b) for a in sounds[0] for b in sounds[1])


def _near(a: str, b: str) -> bool:
    """Equal, or long enough and one kana apart."""
    if a == b:
        return True
    if min(len(a), len(b)) < NEAR_FROM_LENGTH or abs(len(a) - len(b)) > 1:
        return False
    same = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    return a[same + 1 :] == b[same + 1 :] or a[same + 1 :] == b[same:] or a[same:] == b[same + 1 :]
