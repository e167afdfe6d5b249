"""What codes of the tables are called, in both languages: segments, touchpoints, KPIs, ranks."""

from __future__ import annotations

from collections.abc import Callable

from joren.text import LANGUAGES, has, render

Texts = dict[str, str]


def said(key: str, otherwise: str, **values: str) -> Texts:
    """The text of a key in both languages; the code itself where there is none."""
    if not has(key):
        return dict.fromkeys(LANGUAGES, otherwise)
    return {language: render(language, key, **values) for language in LANGUAGES}


def channel(code: str) -> Texts:
    """A channel or store."""
    return said(f"routes.channel.{code}", code)


def store(code: str) -> Texts:
    """A store, as the client's files name it; orders without one have a name of ours."""
    return said("dashboard.no_store", code) if code == "none" else dict.fromkeys(LANGUAGES, code)


def preset(code: str) -> Texts:
    """A way to segment customers."""
    return said(f"segments.preset.{code}", code)


def segment(of_preset: str, code: str) -> Texts:
    """A segment of a preset."""
    return said(f"segments.name.{of_preset}.{code}", code)


def metric(code: str) -> Texts:
    """A KPI of campaigns; a custom one has its own name."""
    return said(f"campaigns.metric.{code}", code)


def touchpoint(code: str) -> Texts:
    """A touchpoint of routes such as `order:first:pos`."""
    if code.startswith("("):
        return said(f"routes.touchpoint.{code.strip('()')}", code)
    kind, _, rest = code.partition(":")
    what, _, where = rest.partition(":")
    if kind == "contact":
        what, where = "sent", rest
    key = f"routes.touchpoint.{kind}_{what}"
    if kind == "subscription" and where:
        key = f"{key}_{where}"
    if kind in ("order", "contact", "subscription") and has(key):
        names = channel(where)
        return {lang: render(lang, key, channel=names[lang]) for lang in LANGUAGES}
    if kind == "event":
        return dict.fromkeys(LANGUAGES, rest)
    return said(f"routes.event.{code}", code)


def group(code: str) -> Texts:
    """A group of routes such as `first_channel:ec`."""
    kind, _, value = code.partition(":")
    if not value:
        return said(f"dashboard.group_{kind}", code)
    value_names: dict[str, Callable[[str], Texts]] = {
        "first_channel": channel,
        "segment": lambda name: segment("joren", name),
        "rank": lambda name: segment("rank", name),
    }
    name = value_names.get(kind, lambda other: said(f"dashboard.value_{other}", other))(value)
    kinds = said(f"dashboard.group_{kind}", kind)
    return {"ja": f"{kinds['ja']}：{name['ja']}", "en": f"{kinds['en']}: {name['en']}"}


def list_name(code: str) -> Texts:
    """A list such as `win_back_letter-20260331`; one of a step of the client's own has its code."""
    return said(f"actions.name.{code.rpartition('-')[0]}", code)


def effect_segment(code: str) -> Texts:
    """A segment that a campaign's effect was looked at in, such as `recency:31-90d`."""
    kind, _, value = code.partition(":")
    if code == "all":
        return said("campaigns.segment_names.all", code)
    name = next(
        (
            said(f"campaigns.{room}.{value}", value)
            for room in ("segment_names", "rank")
            if has(f"campaigns.{room}.{value}")
        ),
        channel(value) if kind == "channel" else dict.fromkeys(LANGUAGES, value or code),
    )
    if kind == "recency" and value.endswith(("d", "d+")):
        name = said("campaigns.recency", value, days=value.replace("d", ""))
    if not has(f"campaigns.segment_kind.{kind}"):
        # a stratum of the client's own has its own name
        kind = "stratum"
    kinds = said(f"campaigns.segment_kind.{kind}", kind)
    return {lang: f"{kinds[lang]}: {name[lang]}" for lang in LANGUAGES}
