"""Names as comparison keys: family and given name apart, as written and in sound."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from joren.identity.kana import kana_key
from joren.identity.kanji import fold_kanji

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f'’.,\- ]+")
_KANA = re.compile("[ぁ-ゖァ-ヴー]+")
_ALL_KANA = re.compile(r"[ぁ-ゖァ-ヴー\s・]+")
_TITLE = re.compile(r"(様|さま|さん|殿|\(.*\))$")
_LONGEST_FAMILY_NAME = 6
_CLEARLY = 4


class RawName(NamedTuple):
    """How a register writes one name; empty strings where it has no such column."""

    family: str = ""
    given: str = ""
    full: str = ""
    family_kana: str = ""
    given_kana: str = ""
    full_kana: str = ""


class NameKeys(NamedTuple):
    """Comparison keys of a name; None where a part cannot be told.

    The first three come from the name as written (kanji, or Latin letters where `latin`), the next
    three from its kana. `reading` is the sound, or how this client's other records read the kanji:
    good for finding pairs and for support beside an identifier, no proof of its own.
    `family_reading` and `given_reading` are the same by part, as written where nobody reads it.
    """

    name: str | None = None
    family: str | None = None
    given: str | None = None
    sound: str | None = None
    family_sound: str | None = None
    given_sound: str | None = None
    reading: str | None = None
    latin: bool = False
    family_reading: str | None = None
    given_reading: str | None = None


def name_keys(raw: Iterable[RawName]) -> dict[RawName, NameKeys]:
    """Comparison keys of every name.

    What the client's own records show is used to read the unclear ones: a name without a blank
    (山田花子) is split where they know a family name it begins with, a name in reverse order
    (花子 山田) is turned round, and kanji are read as they are read elsewhere. A family name alone
    (佐藤 様) is that part and no full name. A name written in kana alone counts as its own reading.
    A single Latin word is a nickname and no name at all.
    """
    names = list(raw)
    written = {name: _words(name.family, name.given, name.full) for name in names}
    spoken = {name: _spoken(name, written[name]) for name in names}
    known = KnownNames.of(written.values(), fold_written)
    known_sounds = KnownNames.of(spoken.values(), kana_key)
    keys = {}
    for name in names:
        sound = _key(spoken[name], known_sounds, kana_key)
        if _LATIN.fullmatch(" ".join(written[name])):
            keys[name] = NameKeys(*_latin_key(name, written[name]), *sound, latin=True)
        elif _ALL_KANA.fullmatch(" ".join(written[name])):
            keys[name] = NameKeys(None, None, None, *sound)
        else:
            keys[name] = NameKeys(*_key(written[name], known, fold_written), *sound)
    return _with_readings(keys)


@lru_cache(maxsize=200_000)
def fold_written(text: str) -> str:
    """A written name as a key: variant kanji folded, kana by its sound, Latin in lower case."""
    folded = re.sub(r"[\s・,.'’]", "", fold_kanji(text))
    return _KANA.sub(lambda found: kana_key(found[0]), folded).casefold()


def _words(family: str, given: str, full: str) -> tuple[str, ...]:
    if family.strip() and given.strip():
        return (_plain(family), _plain(given))
    return tuple(_plain(full or family or given).split())


def _plain(text: str) -> str:
    return _TITLE.sub("", unicodedata.normalize("NFKC", text).strip()).strip()


def _spoken(name: RawName, written: tuple[str, ...]) -> tuple[str, ...]:
    kana = _words(name.family_kana, name.given_kana, name.full_kana)
    if not kana and _ALL_KANA.fullmatch(" ".join(written)):
        return written
    return kana


class KnownNames(NamedTuple):
    """How often the client's records show a word as a family name and as a given name."""

    family: Counter[str]
    given: Counter[str]
    names: int

    @classmethod
    def of(cls, names: Iterable[tuple[str, ...]], fold: Callable[[str], str]) -> KnownNames:
        pairs = [(fold(words[0]), fold(words[1])) for words in names if len(words) == 2]
        families, givens = zip(*pairs, strict=True) if pairs else ((), ())
        return cls(Counter(families), Counter(givens), len(pairs))

    def reversed_order(self, first: str, second: str) -> bool:
        """Whether two words make more sense as given name before family name."""
        forward = (self.family[first] + 1) * (self.given[second] + 1)
        backward = (self.family[second] + 1) * (self.given[first] + 1)
        return backward > _CLEARLY * forward

    def given_alone(self, full: str, at: int | None) -> bool:
        """Whether a single word is likelier a given name alone than a full name cut there."""
        if at is None:
            return self.given[full] > self.family[full]
        pairs = self.family[full[:at]] * self.given[full[at:]] / max(self.names, 1)
        return self.given[full] > max(pairs, self.family[full])

    def family_alone(self, full: str, at: int | None) -> bool:
        """Whether a single word is likelier a family name alone than a full name cut there."""
        pairs = self.family[full[:at]] * self.given[full[at:]] / max(self.names, 1) if at else 0
        return self.family[full] > max(pairs, self.given[full])

    def best_cut(self, full: str) -> int | None:
        """Where the family name ends: before a known given name, else after the longest known."""
        longest = min(len(full), _LONGEST_FAMILY_NAME + 1)
        cuts = [at for at in range(1, longest) if self.family[full[:at]]]
        return max(cuts, key=lambda at: (self.given[full[at:]] > 0, at), default=None)

    def best_reverse_cut(self, full: str) -> int | None:
        """Where the given name ends, if both parts are known the other way round only."""
        cuts = [
            at for at in range(1, len(full)) if self.given[full[:at]] and self.family[full[at:]]
        ]
        return max(cuts, key=lambda at: self.family[full[at:]], default=None)


def _key(
    words: tuple[str, ...], known: KnownNames, fold: Callable[[str], str]
) -> tuple[str | None, str | None, str | None]:
    # folded as one text even where there is a blank, so that a name without one compares equal
    full = fold("".join(words))
    if not full:
        return None, None, None
    if len(words) == 2:
        family, given = fold(words[0]), fold(words[1])
        if known.reversed_order(family, given):
            return fold(words[1] + words[0]), given, family
        return full, family or None, given or None
    at = known.best_cut(full)
    if at is None or not known.given[full[at:]]:
        turn = known.best_reverse_cut(full)
        if turn is not None:
            return full[turn:] + full[:turn], full[turn:], full[:turn]
    if known.given_alone(full, at):
        return full, None, full
    if known.family_alone(full, at):
        return None, full, None
    if at is None:
        return full, None, None
    return full, full[:at], full[at:]


def _with_readings(keys: dict[RawName, NameKeys]) -> dict[RawName, NameKeys]:
    readings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for key in keys.values():
        if key.family and key.given and key.family_sound and key.given_sound:
            readings["family", key.family][key.family_sound] += 1
            readings["given", key.given][key.given_sound] += 1
    # the most frequent reading, the first in order among equals
    usual = {word: min(found, key=lambda r: (-found[r], r)) for word, found in readings.items()}
    return {name: _with_reading(key, usual) for name, key in keys.items()}


def _with_reading(key: NameKeys, usual: dict[tuple[str, str], str]) -> NameKeys:
    return key._replace(
        reading=_reading(key, usual),
        family_reading=key.family_sound or usual.get(("family", key.family), key.family),
        given_reading=key.given_sound or usual.get(("given", key.given), key.given),
    )


def _reading(key: NameKeys, usual: dict[tuple[str, str], str]) -> str | None:
    if key.sound or not (key.family and key.given):
        return key.sound
    family, given = usual.get(("family", key.family)), usual.get(("given", key.given))
    return kana_key(family + given) if family and given else None


def _latin_key(name: RawName, words: tuple[str, ...]) -> tuple[str | None, str | None, str | None]:
    if len(words) < 2:
        # a word in its own column is that part of a name; alone in a full name it is a nickname
        return None, fold_written(name.family) or None, fold_written(name.given) or None
    folded = [fold_written(word) for word in words]
    # one register writes the given name first, another the family name
    full = " ".join(sorted(folded))
    if name.family.strip() and name.given.strip():
        return full, folded[0], folded[1]
    return full, folded[-1], folded[0]
