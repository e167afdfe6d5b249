"""Stage 01 on the demo client: every record once, right people together, nothing in clear."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from joren.identity.contacts import phone_key
from joren.params import project_root

DEMO = project_root() / "data" / "demo"
KEY = DEMO / "answer_key"
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w-])0\d{1,3}-?\d{3,4}-?\d{4}(?![\w-])")
CARDS = ("カード番号", "店舗カード番号", "会員コード")
NAMES = (
    ("氏名",), ("氏名カナ",), ("お名前カナ",), ("姓", "名"), ("セイ", "メイ"),
    ("氏名（姓）", "氏名（名）"), ("フリガナ（姓）", "フリガナ（名）"), ("注文者姓", "注文者名"),
    ("注文者姓カナ", "注文者名カナ"), ("請求先（名前フル）",), ("請求先（カナフル）",),
)  # fmt: skip


def table(run: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(run / "tables" / f"{name}.parquet")


@pytest.fixture(scope="module")
def identity_map(demo_run: Path) -> pd.DataFrame:
    return table(demo_run, "identity_map")


@pytest.fixture(scope="module")
def answers(identity_map: pd.DataFrame) -> pd.DataFrame:
    key = pd.read_parquet(KEY / "records.parquet")
    return identity_map.merge(key, on=["source", "source_id"])


def pairs(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def test_every_source_record_is_in_the_map_once(demo_run, identity_map, answers):
    assert not identity_map.duplicated(["source", "source_id"]).any()
    assert len(identity_map) == len(answers) == len(pd.read_parquet(KEY / "records.parquet"))
    customers = table(demo_run, "customers").customer_id
    assert set(customers) == set(identity_map.customer_id)


def test_linking_agrees_with_the_answer_key(answers):
    right = pairs(answers.groupby(["customer_id", "person_id"]).size())
    precision = right / pairs(answers.customer_id.value_counts())
    recall = right / pairs(answers.person_id.value_counts())
    assert precision >= 0.99
    assert recall >= 0.7  # exact rules alone: what call and LINE records share is often misspelt
    people = answers.groupby("customer_id").person_id.nunique()
    assert (people > 1).mean() <= 0.005


def test_households_are_families(answers):
    assert answers.groupby("customer_id").household_id.nunique().max() == 1
    assert answers.household_id.nunique() < answers.customer_id.nunique()


def test_the_shops_phones_link_nobody(demo_run):
    edges = table(demo_run, "identity_edges")
    assert not (edges.rule.str.endswith("_alone") & (edges.decision == "link")).any()
    assert set(edges.decision) <= {"link", "review", "reject"}


def test_the_first_run_creates_every_customer(demo_run, identity_map):
    history = table(demo_run, "identity_history")
    assert set(history.kind) == {"create"}
    created = [customer for after in history.customer_ids_after for customer in after]
    assert sorted(created) == sorted(identity_map.customer_id.unique())


def test_customers_carry_hashes_of_one_length_and_no_more(demo_run):
    customers = table(demo_run, "customers")
    for column in ("phone_hash", "email_hash", "name_hash"):
        assert set(customers[column].dropna().str.len()) == {64}
    assert set(customers.gender.dropna()) <= {"male", "female"}
    assert customers.first_seen_at.notna().all()


def test_clear_values_stand_only_in_restricted(demo_run):
    secrets = personal_values()
    assert len(secrets) > 3_000
    restricted = pd.read_parquet(demo_run / "restricted" / "customers.parquet")
    assert (demo_run / "restricted" / "customers.parquet").stat().st_mode & 0o077 == 0
    assert set(restricted.email.dropna()) & secrets
    for path in sorted(demo_run.rglob("*")):
        inside = path.relative_to(demo_run).parts[:1]
        if not path.is_file() or inside in {("restricted",), ("exports",), ("state",)}:
            continue
        found = {value for value in words_of(path) if value in secrets}
        assert not found, f"{path.name} holds {len(found)} clear values"


def personal_values() -> set[str]:
    """Phones (as written and in E.164), mail addresses, full names and cards of the demo people."""
    people = pd.read_parquet(KEY / "people.parquet")
    phones, names = set(people.phone), set(people.family + people.given)
    names |= set(people.family_kana + people.given_kana)
    values = set(people.email)
    for path in raw_files():
        content = text_of(path)
        values |= set(MAIL.findall(content))
        phones |= set(PHONE.findall(content))
        for row in csv.DictReader(content.splitlines()):
            values |= {row.get(header) or "" for header in CARDS}
            for headers in NAMES:
                names.add("".join(row.get(header) or "" for header in headers))
    plain = {name.replace("　", "").replace(" ", "") for name in names}
    numbers = {phone_key(phone) or "" for phone in phones}
    mails = {value.lower() for value in values}
    long = {value for value in (*values, *mails, *phones, *numbers) if len(value) >= 4}
    return long | {name for name in (*names, *plain) if len(name) >= 3}


def raw_files() -> list[Path]:
    sources = ("pos", "web", "mall", "teiki", "line", "call")
    return [path for source in sources for path in sorted((DEMO / source).glob("*.csv"))]


def text_of(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932")


def words_of(path: Path) -> set[str]:
    """What could be a name, a phone or a mail address in a file: cells, or words and pairs."""
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        return {str(cell) for column in frame.select_dtypes(exclude="number") for cell in
                frame[column].explode()}  # fmt: skip
    if path.suffix == ".png":
        return set()
    if path.suffix == ".pdf":
        import pypdf

        text = "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    else:
        text = path.read_text(encoding="utf-8")
    for mark in '"<>(),:;=\\{}[]、。':
        text = text.replace(mark, " ")
    words = text.replace("　", " ").split()
    return {*words, *(a + b for a, b in pairwise(words))}
