"""What earlier runs left in state, read together: is this run to link all, or only what is new?

Everything is linked on the first run, on a rebase (asked for in the log `identity_rebases`), and
where the logs of the linked population are missing; otherwise only what is new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
import ibis.expr.types as ir

from joren.identity.known import Known
from joren.identity.learned import Learned

LOGS = (
    "identity_assignments", "identity_history", "identity_known", "identity_links",
    "identity_rebases", "verdicts",
)  # fmt: skip
REQUESTED, APPLIED = "requested", "applied"
REBASE_TYPES = {
    "revision": "int64", "at": "timestamp(6)", "kind": "string", "request_id": "string",
    "rules": "string",
    "model": "string", "actor": "string", "reason": "string",
}  # fmt: skip
FIRST_RUN = "first_run"


@dataclass(frozen=True)
class Memory:
    """The state logs; None where nothing was published yet."""

    assignments: ir.Table | None = None
    history: ir.Table | None = None
    known: ir.Table | None = None
    links: ir.Table | None = None
    rebases: ir.Table | None = None
    verdicts: ir.Table | None = None

    @classmethod
    def read(cls, state: Callable[[str], ir.Table | None]) -> Memory:
        """Read `LOGS` through a step's `state`."""
        return cls(*(state(log) for log in LOGS))

    def population(self) -> Known | None:
        """The population that new records are linked against; None where all are to be linked."""
        if self.known is None or self.assignments is None or self.pending():
            return None
        return Known(self.known, self.links)

    def pending(self) -> list[dict]:
        """The rebases asked for and not applied yet, oldest first."""
        if self.rebases is None:
            return []
        asked = self.rebases.filter(self.rebases.kind == REQUESTED)
        done = self.rebases.filter(self.rebases.kind == APPLIED)
        return asked.anti_join(done, "request_id").order_by("at").to_pyarrow().to_pylist()

    def next_revision(self) -> int:
        """The number under which this run's rows of the linked population are appended."""
        if self.known is None:
            return 1
        return int(self.known.revision.max().fill_null(0).execute()) + 1

    def rules_then(self) -> str | None:
        """The digest of the rules by which everything was last linked, None if it never was."""
        last = self._last_applied()
        return last["rules"] if last else None

    def learned(self) -> Learned | None:
        """What the fuzzy model learned then, None if there was too little to learn from."""
        last = self._last_applied()
        return Learned.from_json(last["model"]) if last and last["model"] else None

    def _last_applied(self) -> dict | None:
        if self.rebases is None:
            return None
        done = self.rebases.filter(self.rebases.kind == APPLIED)
        found = done.order_by([ibis.desc("revision"), "request_id"]).limit(1)
        return next(iter(found.to_pyarrow().to_pylist()), None)

    def new_rebases(self, rules: str, learned: Learned | None, as_of: date) -> list[dict]:
        """Rows to append to `identity_rebases` after everything was linked by `rules`."""
        asked = self.pending() or [{"request_id": FIRST_RUN, "actor": "rules", "reason": ""}]
        at = datetime.combine(as_of, time())
        return [
            {"revision": self.next_revision(), "at": at, "kind": APPLIED,
             "request_id": row["request_id"], "rules": rules,
             "model": learned.as_json() if learned else "", "actor": row["actor"],
             "reason": row["reason"]}
            for row in asked
        ]  # fmt: skip
