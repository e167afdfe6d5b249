"""The reviewer's desk in the notebook: two masked records, their evidence, three buttons.

Keys 1, 2 and 3 press the buttons, as long as nothing is being typed. Every verdict is written the
moment it is given. What the browser sends is only which button was pressed and the reason typed.
"""

from __future__ import annotations

import getpass
import html
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import ibis
import ipywidgets as widgets

from joren import text
from joren.identity.review import draw_waterfall, side_by_side, waterfall
from joren.identity.verdicts import DIFFERENT, LOG, SAME, UNSURE, as_log, new_verdict

if TYPE_CHECKING:
    from joren.step import Step

LONGEST_REASON = 200
_VERDICTS = (SAME, DIFFERENT, UNSURE)
_CLOSE = ("sound", "reading", "near", "given", "part", "family")
_MARKS = {"same": "=", "different": "≠", "homograph": "≠"} | dict.fromkeys(_CLOSE, "≈")
KEYS = """
<script>
document.addEventListener("keydown", (pressed) => {
  const active = document.activeElement;
  const typing = ["INPUT", "TEXTAREA"].includes(active.tagName) || active.isContentEditable;
  const held = pressed.repeat || pressed.ctrlKey || pressed.metaKey || pressed.altKey;
  if (typing || held || !["1", "2", "3"].includes(pressed.key)) return;
  const button = document.querySelector("button.joren-verdict-" + pressed.key);
  if (!button) return;
  pressed.preventDefault();
  pressed.stopPropagation();
  button.click();
}, true);
</script>
"""


class ReviewDesk:
    """The pairs of a queue, one after the other.

    Parameters
    ----------
    pairs : rows of `review.review_queue`, in their order
    records : (source, source_id) → canonical customer row, clear values; never shown unmasked
    write : takes a row of the verdict log
    actor : who reviews
    language, currency : of the texts
    clock : tells the time, UTC without offset
    """

    def __init__(
        self,
        pairs: Sequence[Mapping[str, Any]],
        records: Mapping[tuple[str, str], Mapping[str, Any]],
        write: Callable[[dict[str, object]], None],
        *,
        actor: str,
        language: str,
        currency: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._pairs, self._records, self._write = list(pairs), records, write
        self._actor, self._language, self._currency = actor, language, currency
        self._clock = clock
        self.place = 0
        self._head, self._table, self._chart, self._note = (widgets.HTML() for _ in range(4))
        self._reason = widgets.Text(placeholder=self._say("reason"))
        self.buttons = {verdict: self._button(verdict) for verdict in _VERDICTS}
        self._back = widgets.Button(description=self._say("back"))
        self._back.on_click(self._guarded(self.back))
        row = widgets.HBox([*self.buttons.values(), self._back, self._reason])
        self.view = widgets.VBox([self._head, self._table, self._chart, row, self._note])
        self._show()

    def say(self, verdict: str) -> None:
        """Write a verdict on the pair in view and go on to the next."""
        if self.place >= len(self._pairs):
            return
        pair = self._pairs[self.place]
        reason = str(self._reason.value)[:LONGEST_REASON]
        one = (pair["left_source"], pair["left_source_id"])
        other = (pair["right_source"], pair["right_source_id"])
        self._write(new_verdict(one, other, verdict, self._actor, reason, self._clock()))
        self._reason.value = ""
        self.place += 1
        self._show()

    def back(self) -> None:
        """Show the pair before again; a new verdict on it replaces the old one."""
        self.place = max(self.place - 1, 0)
        self._show()

    def _button(self, verdict: str) -> widgets.Button:
        number = _VERDICTS.index(verdict) + 1
        button = widgets.Button(description=f"{number} {self._say(verdict)}")
        button.add_class(f"joren-verdict-{number}")
        button.on_click(self._guarded(lambda: self.say(verdict)))
        return button

    def _guarded(self, act: Callable[[], None]) -> Callable[[object], None]:
        """The action as a callback that tells of a failure without its source or values."""

        def pressed(_: object) -> None:
            self._note.value = ""
            try:
                act()
            except Exception as error:  # noqa: BLE001 a traceback would show clear values
                failed = self._say("failed", error=type(error).__name__)
                self._note.value = f"<b>{html.escape(failed)}</b>"

        return pressed

    def _show(self) -> None:
        for button in self.buttons.values():
            button.disabled = self.place >= len(self._pairs)
        if self.place >= len(self._pairs):
            self._head.value = f"<p>{html.escape(self._say('done', n=len(self._pairs)))}</p>"
            self._table.value = self._chart.value = ""
            return
        pair = self._pairs[self.place]
        head = self._say(
            "head", place=self.place + 1, n=len(self._pairs), p=pair["match_probability"],
            stake=pair["stake"], rule=text.render(self._language, f"identity.rule.{pair['rule']}"),
        )  # fmt: skip
        self._head.value = f"<p>{html.escape(head)}</p>"
        self._table.value = self._as_table(side_by_side(pair, self._records), pair)
        self._chart.value = self._as_chart(pair)

    def _as_table(self, rows: list[tuple[str, str, str, str]], pair: Mapping[str, Any]) -> str:
        titles = ("", pair["left_source"], "", pair["right_source"])
        lines = ["".join(f"<th>{html.escape(str(title))}</th>" for title in titles)]
        for field, left, right, relation in rows:
            label = text.render(self._language, f"identity.field.{field}")
            mark = _MARKS.get(relation, "")
            cells = (label, left, mark, right)
            lines.append("".join(f"<td>{html.escape(cell)}</td>" for cell in cells))
        return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"

    def _as_chart(self, pair: Mapping[str, Any]) -> str:
        steps = waterfall(pair)
        if not any(step.weight is not None for step in steps):
            return ""
        drawn = io.StringIO()
        draw_waterfall(steps, self._language).savefig(drawn, format="svg")
        return drawn.getvalue()[drawn.getvalue().index("<svg") :]

    def _say(self, entry: str, **values: Any) -> str:
        key = f"identity.desk.{entry}"
        return text.render(self._language, key, currency=self._currency, **values)


def open_desk(step: Step, pairs: Sequence[Mapping[str, Any]]) -> ReviewDesk:
    """A desk for these pairs that writes into the client's verdict log.

    Parameters
    ----------
    step : the review notebook's
    pairs : rows of `review.review_queue`
    """
    ends = {(pair[f"{side}_source"], pair[f"{side}_source_id"]) for pair in pairs
            for side in ("left", "right")}  # fmt: skip
    named = ibis.memtable(
        [{"source": source, "source_id": source_id} for source, source_id in sorted(ends)],
        schema=ibis.schema({"source": "string", "source_id": "string"}),
    )
    customers = step.table("canonical/customers").semi_join(named, ["source", "source_id"])
    rows = customers.to_pyarrow().to_pylist()
    return ReviewDesk(
        pairs,
        {(row["source"], row["source_id"]): row for row in rows},
        lambda verdict: step.record(LOG, as_log([verdict])),
        actor=getpass.getuser(),
        language=step.language,
        currency=step.currency,
        clock=lambda: datetime.now(UTC).replace(tzinfo=None),
    )
