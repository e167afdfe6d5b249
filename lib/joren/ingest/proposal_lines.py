"""What a proposal is made of: YAML scalars, commented entries and questions in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from joren.ingest.cards import passes_luhn
from joren.ingest.columns import VOCABULARY
from joren.ingest.sniff import Sniffed
from joren.ingest.synonyms import SYNONYMS, WORDS
from joren.text import Note, note

_PLAIN = re.compile(r"^[^\W\d_][\w（）・ー]*$")
_PATH = re.compile(r"^\.\.?/[\w./*-]+$")
_YAML_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
_MOST_NAMES = 30
_MOST_WORDS = 30


@dataclass
class Entry:
    """The lines of one table under its source, and the questions it raises.

    `complete` says whether it can be read as it stands; one that cannot is written as a comment.
    """

    lines: list[str]
    questions: list[Note] = field(default_factory=list)
    complete: bool = True

    def text(self) -> list[str]:
        """The lines as the parameter file holds them."""
        return self.lines if self.complete else [f"  # {line[2:]}" for line in self.lines]


def scalar(text: str) -> str:
    """A YAML scalar that reads back as this string.

    >>> scalar("注文日時"), scalar("no"), scalar("1")
    ('注文日時', '"no"', '"1"')
    """
    if (_PLAIN.match(text) and text.lower() not in _YAML_WORDS) or _PATH.match(text):
        return text
    return json.dumps(text, ensure_ascii=False)


def with_comment(entry: str, comment: str, width: int = 40) -> str:
    """An entry with a comment behind it, comments of a file below each other."""
    return f"{entry}{' ' * (width - cell_len(entry))}# {comment}"


def named(heading: str, names: Sequence[str], indent: int = 6) -> list[str]:
    """A comment line with names, not more than a reader takes in; none without names."""
    if not names:
        return []
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    line = f"{heading}: {', '.join(names[:_MOST_NAMES])}{more}"
    return [" " * indent + "# " + " ".join(line.split())]


def label(table: str, column: str) -> str:
    """What a client calls a column."""
    return SYNONYMS.get(table, {}).get(column, column).split()[0]


def word_lines(
    place: str, table: str, column: str, found: Mapping[str, str | None]
) -> tuple[list[str], list[Note]]:
    """The `status:` or `words:` of a table, and a question for each word without meaning.

    Parameters
    ----------
    place : the file, for the questions
    table, column : a column with a fixed vocabulary
    found : the client's words → ours, or None
    """
    if not found:
        return [], []
    known = [f"{scalar(word)}: {meant}" for word, meant in found.items() if meant]
    open_words = [word for word, meant in found.items() if not meant][:_MOST_WORDS]
    lines = [*known, *(f"# {scalar(word)}: ?" for word in open_words)]
    heads = [column] if column == "status" else ["words", column]
    if not known:
        written = ["      " + (f"{column}: {{}}" if column == "status" else f"# words: {column}")]
        written += [f"        {line}" for line in lines]
    else:
        written = [" " * (6 + 2 * n) + f"{head}:" for n, head in enumerate(heads)]
        written += [" " * (6 + 2 * len(heads)) + line for line in lines]
    ours = " / ".join(
        f"{word} ({WORDS[table, column][word].split()[0]})" for word in VOCABULARY[table, column]
    )
    asked = [
        note(
            "proposal.word",
            place=place,
            column=column,
            label=label(table, column),
            word=word,
            ours=ours,
        )
        for word in open_words
    ]
    return written, asked


def card_questions(place: str, file: Sniffed, headers: Iterable[str]) -> list[Note]:
    """A question for each header whose values look like payment-card numbers."""
    return [
        note("proposal.cards", place=place, header=header)
        for header in dict.fromkeys(headers)
        if header and holds_cards(file.values[header])
    ]


def holds_cards(values: Sequence[str]) -> bool:
    """Whether nothing but payment-card numbers stands among the long numbers of a column."""
    digits = [re.sub(r"[ -]", "", value) for value in values]
    long_numbers = [d for d in digits if re.fullmatch(r"[2-6]\d{13,15}", d)]
    return len(long_numbers) >= 3 and all(map(passes_luhn, long_numbers))
