"""The segment builder in the notebook: a tree of conditions, the number of customers it holds now.

What the browser sends is which button was pressed and which values were chosen or typed; the rule
is built from them, checked like one from a parameter file, and only then counted or saved.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

import ibis.expr.types as ir
import ipywidgets as widgets

from joren import text
from joren.errors import JorenError, ParameterError
from joren.segments.rules import members_of, overlaps

_NUMERIC = ("at_least", "above", "at_most", "below", "is", "is_not")
_TEXTUAL = ("is", "is_not", "in", "not_in")
_LISTED = ("has",)
_NAME = re.compile(r"^[A-Za-z0-9_-]{1,40}$")
Rule = dict[str, Any]


class Condition:
    """One line: a measure, what must hold of it, and a value."""

    def __init__(self, profile: ir.Table, changed: Callable[[], None]) -> None:
        self._schema = profile.schema()
        measures = [name for name in profile.columns if name != "customer_id"]
        self.measure = widgets.Dropdown(options=measures, layout={"width": "190px"})
        self.condition = widgets.Dropdown(layout={"width": "110px"})
        self.value = widgets.Text(
            placeholder="…", layout={"width": "160px"}, continuous_update=False
        )
        self.remove = widgets.Button(description="×", layout={"width": "32px"})
        self.box = widgets.HBox([self.measure, self.condition, self.value, self.remove])
        self.measure.observe(self._offer, "value")
        for widget in (self.measure, self.condition, self.value):
            widget.observe(lambda _change: changed(), "value")
        self._offer(None)

    def _offer(self, _change: object) -> None:
        kind = self._schema[self.measure.value]
        if kind.is_array():
            self.condition.options = _LISTED
        else:
            self.condition.options = _NUMERIC if kind.is_numeric() else _TEXTUAL

    def rule(self) -> Rule | None:
        """The condition as a rule; None while no value was typed.

        Raises
        ------
        ParameterError where a number is asked for and something else was typed
        """
        typed = self.value.value.strip()
        if not typed:
            return None
        kind = self._schema[self.measure.value]
        value: Any = typed
        if kind.is_numeric():
            value = _number(typed, self.measure.value)
        elif self.condition.value in ("in", "not_in"):
            value = [part.strip() for part in re.split(r"[,、]", typed) if part.strip()]
        return {self.measure.value: {self.condition.value: value}}


class Group:
    """Conditions and further groups of which all, or any, must hold; or none, with `not`."""

    def __init__(
        self,
        profile: ir.Table,
        changed: Callable[[], None],
        say: Callable[[str], str],
        depth: int = 0,
    ) -> None:
        self._profile, self._changed, self._say, self._depth = profile, changed, say, depth
        self.parts: list[Condition | Group] = []
        self.how = widgets.ToggleButtons(
            options=[(say("all"), "all"), (say("any"), "any")], style={"button_width": "90px"}
        )
        self.negated = widgets.Checkbox(description=say("not"), indent=False)
        self.add_condition = widgets.Button(description=say("add_condition"), icon="plus")
        self.add_group = widgets.Button(description=say("add_group"), icon="plus")
        self.remove = widgets.Button(description="×", layout={"width": "32px"})
        self._rows = widgets.VBox()
        head = [self.how, self.negated, self.add_condition]
        if depth < 3:
            head.append(self.add_group)
        if depth:
            head.append(self.remove)
        self.box = widgets.VBox(
            [widgets.HBox(head), self._rows],
            layout={"border_left": "3px solid #1F5F99", "padding": "2px 0 6px 12px"},
        )
        self.how.observe(lambda _change: changed(), "value")
        self.negated.observe(lambda _change: changed(), "value")
        self.add_condition.on_click(lambda _button: self.condition())
        self.add_group.on_click(lambda _button: self.group())

    def condition(self) -> Condition:
        """Add an empty condition."""
        return self._add(Condition(self._profile, self._changed))

    def group(self) -> Group:
        """Add an empty group."""
        return self._add(Group(self._profile, self._changed, self._say, self._depth + 1))

    def _add(self, part):
        part.remove.on_click(lambda _button: self._drop(part))
        self.parts.append(part)
        self._show()
        return part

    def _drop(self, part: Condition | Group) -> None:
        self.parts.remove(part)
        self._show()

    def _show(self) -> None:
        self._rows.children = [part.box for part in self.parts]
        self._changed()

    def rule(self) -> Rule | None:
        """The group as a rule; None while nothing in it is filled."""
        rules = [rule for part in self.parts if (rule := part.rule()) is not None]
        if not rules:
            return None
        joined = rules[0] if len(rules) == 1 else {self.how.value: rules}
        return {"not": joined} if self.negated.value else joined


class SegmentBuilder:
    """The whole desk: tree, live count, overlap with the client's other segments, save.

    Parameters
    ----------
    profile : of `segments.profile`, one row per customer
    existing : the client's own segments, name → rule
    save : takes name and rule
    language : ja or en
    """

    def __init__(
        self,
        profile: ir.Table,
        existing: Mapping[str, Rule],
        save: Callable[[str, Rule], str],
        language: str,
    ) -> None:
        self._profile, self._existing, self._save = profile, dict(existing), save
        self._language = language
        self.total = int(profile.count().execute())
        self.root = Group(profile, self.refresh, self._say)
        self.name = widgets.Text(placeholder=self._say("name"), layout={"width": "220px"})
        self.keep = widgets.Button(description=self._say("save"), button_style="primary")
        self.keep.on_click(lambda _button: self.save())
        self.count, self.shared, self.note = (widgets.HTML() for _ in range(3))
        self.box = widgets.VBox(
            [
                self.root.box,
                self.count,
                self.shared,
                widgets.HBox([self.name, self.keep]),
                self.note,
            ]
        )
        self.root.condition()

    def refresh(self) -> None:
        """Count anew after a change; a rule half typed says what is missing."""
        try:
            rule = self.root.rule()
            if rule is None:
                self.count.value = html.escape(self._say("empty"))
                self.shared.value = ""
                return
            members = int(members_of(rule, self._profile, "segments.custom").count().execute())
        except JorenError as error:
            self.count.value = f"<em>{html.escape(str(error))}</em>"
            return
        self.count.value = html.escape(
            self._say("count", value=members, share=members / self.total if self.total else 0)
        )
        self.shared.value = self._overlap(rule)

    def _overlap(self, rule: Rule) -> str:
        others = {name: kept for name, kept in self._existing.items() if name != self.name.value}
        if not others:
            return ""
        found = overlaps({**others, "\x00": rule}, self._profile).to_pyarrow().to_pylist()
        shared = {row["right"]: row["customers"] for row in found if row["left"] == "\x00"}
        lines = [
            f"<tr><td>{html.escape(name)}</td><td style='text-align:right'>{shared.get(name, 0):,}"
            "</td></tr>"
            for name in others
        ]
        head = html.escape(text.render(self._language, "segments.custom_overlap"))
        return f"<table><tr><th></th><th>{head}</th></tr>{''.join(lines)}</table>"

    def save(self) -> None:
        """Save the rule under its name, or say why not."""
        try:
            rule, name = self.root.rule(), self.name.value.strip()
            if rule is None or not _NAME.match(name):
                raise ParameterError(self._say("unnamed"), "segments.custom")
            members_of(rule, self._profile, f"segments.custom.{name}")
            where = self._save(name, rule)
        except JorenError as error:
            self.note.value = f"<em>{html.escape(error.what)}</em>"
            return
        self._existing[name] = rule
        self.note.value = html.escape(self._say("saved", name=name, where=where))

    def _say(self, entry: str, **values: Any) -> str:
        return text.render(self._language, f"segments.builder.{entry}", **values)


def _number(typed: str, measure: str) -> int | float:
    plain = typed.replace(",", "").replace("、", "")
    try:
        return int(plain)
    except ValueError:
        try:
            return float(plain)
        except ValueError:
            raise ParameterError(f"{typed!r} is no number", measure, "type a number") from None
