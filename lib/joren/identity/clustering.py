"""Union-find that refuses to put two people together.

Edges are taken strongest first; a union is refused when the clusters it would join hold two birth
dates, two genders, given names that have none in common, too many records, or a pair a reviewer
has kept apart. Unguarded, one shared phone chains strangers: methods.md, 01, 4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LARGEST_CLUSTER = 30
CONTRADICTIONS = ("birth_date", "gender", "given_name")
NEAR_FROM_LENGTH = 3


class Traits(NamedTuple):
    """What a record says of its person; None where it is silent."""

    birth_date: object = None
    gender: str | None = None
    given: str | None = None
    given_sound: str | None = None


class Edge(NamedTuple):
    """A link between two record numbers.

    `weighed`: its probability has taken into account where the two records contradict each other.
    """

    left: int
    right: int
    probability: float
    weighed: bool = False


@dataclass
class Clusters:
    """Disjoint sets of records under guard. Records never named in an edge stand alone.

    apart: record → records a reviewer keeps it apart from; unlikely: record → records the fuzzy
    model says are somebody else.
    """

    traits: Mapping[int, Traits]
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)
    unlikely: Mapping[int, frozenset[int]] = field(default_factory=dict)
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
            self._known[root] = self.own(root)
        return self._known[root]

    def own(self, record: int) -> tuple[set, set, set, set]:
        """What the record itself says, as a cluster of one."""
        traits = self.traits.get(record, Traits())
        return tuple({value} if value is not None else set() for value in traits)

    def weighed(self, edge: Edge) -> Collection[str]:
        """Contradictions between an edge's own records, where its probability knows of them."""
        return _conflicts(self.own(edge.left), self.own(edge.right)) if edge.weighed else ()

    def why_not(self, left: int, right: int, weighed: Collection[str] = ()) -> str | None:
        """Why the clusters of two records may not become one; None if they may.

        Parameters
        ----------
        left, right : records
        weighed : contradictions that have been taken into account already
        """
        found = _conflicts(self.known(left), self.known(right))
        against = [name for name in found if name not in weighed]
        if against:
            return against[0]
        if len(self.members(left)) + len(self.members(right)) > LARGEST_CLUSTER:
            return "size"
        if self._holds_one_of(self.unlikely, left, right):
            return "unlikely"
        return self.kept_apart(left, right)

    def kept_apart(self, left: int, right: int) -> str | None:
        """The reason `verdict` where a reviewer keeps the clusters of two records apart."""
        return "verdict" if self._holds_one_of(self.apart, left, right) else None

    def _holds_one_of(self, pairs: Mapping[int, frozenset[int]], left: int, right: int) -> bool:
        """Whether one of the pairs lies across the clusters of two records."""
        if not pairs:
            return False
        few, many = sorted((self.members(left), self.members(right)), key=len)
        others = set(many)
        return any(not others.isdisjoint(pairs.get(record, ())) for record in few)

    def unite(
        self, left: int, right: int, decided: bool = False, weighed: Collection[str] = ()
    ) -> str | None:
        """Join the clusters of two records; returns why not if that is refused.

        Where a person has decided that they are one, only another verdict refuses it.
        """
        first, second = sorted((self.find(left), self.find(right)))
        if first == second:
            return None
        reason = self.kept_apart(first, second) if decided else self.why_not(first, second, weighed)
        if reason is not None:
            return reason
        members = self.members(first) + self.members(second)
        merged = tuple(a | b for a, b in zip(self.known(first), self.known(second), strict=True))
        self._parent[second] = first
        self._members[first], self._known[first] = members, merged
        self._members.pop(second, None)
        self._known.pop(second, None)
        return None


def cluster_strongest_first(
    clusters: Clusters, edges: Iterable[Edge], decided: Iterable[tuple[int, int]] = ()
) -> dict[tuple, str]:
    """Unite along the edges, most probable first.

    Parameters
    ----------
    clusters : changed
    edges : links
    decided : pairs a reviewer says are one person, united before all others and in this order

    Returns
    -------
    (left, right) → reason, for edges whose union was refused
    """
    refused = {
        pair: reason
        for pair in decided
        if (reason := clusters.unite(*pair, decided=True)) is not None
    }
    for edge in sorted(edges, key=lambda e: (-e.probability, e.left, e.right)):
        reason = clusters.unite(edge.left, edge.right)
        if reason in CONTRADICTIONS and edge.weighed:
            reason = clusters.unite(edge.left, edge.right, weighed=clusters.weighed(edge))
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


def _conflicts(ours: tuple, theirs: tuple) -> list[str]:
    found = [
        name
        for name, mine, other in zip(("birth_date", "gender"), ours, theirs, strict=False)
        # a cluster that a reviewer or the model joined may hold two
        if mine and other and mine.isdisjoint(other)
    ]
    born_alike = not ours[0].isdisjoint(theirs[0])
    conflict = _given_names_conflict(ours, theirs, born_alike)
    return [*found, "given_name"] if conflict else found


def _given_names_conflict(ours: tuple, theirs: tuple, born_alike: bool) -> bool:
    """Given names are known on both sides in one script, and in no script do they agree.

    A kana mistyped is no conflict where the kanji do not speak against it. One kanji read quite
    otherwise (誠: マコト, セイ) is father and son, unless they were born on one day.
    """
    written, sounds = ((a, b) for a, b in zip(ours[2:], theirs[2:], strict=True))
    if all(written):
        if written[0] & written[1]:
            return not born_alike and all(sounds) and _read_otherwise(*sounds)
        return not (sounds[0] & sounds[1])
    return all(sounds) and not any(_near(a, b) for a in sounds[0] for b in sounds[1])


def _read_otherwise(ours: Collection[str], theirs: Collection[str]) -> bool:
    """No sound of the one begins or ends like a sound of the other."""
    return all(a[0] != b[0] and a[-1] != b[-1] for a in ours for b in theirs)


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
