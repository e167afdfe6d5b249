"""A book of clients: what one's data are reaches no other, and one's failure stops no other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pypdf
import pytest

from joren.params import project_root
from joren.serve import start

CANARY = "Qanarievogel"
READ = ("01_identity/10_ingest", "01_identity/20_link")
SHOPS = [f"shop{number:02}" for number in range(1, 13)]


@dataclass(frozen=True)
class Book:
    """A project folder with several clients."""

    home: Path

    @property
    def reports(self) -> Path:
        return self.home / "reports"

    def joren(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "joren", *arguments],
            env=os.environ | {"JOREN_HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
        )

    def client(self, name: str, customers: str, orders: str, **sections: object) -> None:
        """A client whose data are canonical tables, with its parameter file."""
        data = self.home / "data" / name
        data.mkdir(parents=True)
        (data / "customers.csv").write_text(customers, encoding="utf-8")
        (data / "orders.csv").write_text(orders, encoding="utf-8")
        params = {
            "client": name,
            "title": {"ja": f"{name}商店", "en": f"{name} store"},
            "as_of": "2026-03-31",
            "sources": {"pos": {"format": "tables", "path": f"../data/{name}"}},
        } | sections
        (self.home / "params").mkdir(exist_ok=True)
        (self.home / "params" / f"{name}.yaml").write_text(
            json.dumps(params, ensure_ascii=False), encoding="utf-8"
        )

    def latest(self, client: str) -> Path:
        return (self.reports / client / "latest").resolve()


def _empty_book(home: Path) -> Book:
    shutil.copytree(project_root() / "reports" / "template", home / "reports" / "template")
    return Book(home)


def _people(word: str) -> str:
    mail = word.lower()
    rows = [
        f"m{n},{word}山 {n}子,0901234{n:04},{mail}{n}@example.jp,東京都港区芝{n}-{word}"
        for n in range(30)
    ]
    return "\n".join(["source_id,full_name,phone,email,address", *rows]) + "\n"


def _orders(word: str, amount: int = 1000) -> str:
    rows = []
    for n in range(90):
        day = f"2026-{1 + n % 3:02}-{1 + n % 28:02}"
        rows.append(f"o{n},m{n % 30},{day} 12:00,{amount + n},memo {word},valid")
    return "\n".join(["order_id,source_id,ordered_at,amount,memo,status", *rows]) + "\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Clients alfa (names, mails, addresses and memos say the canary) and bravo, published."""
    home = _empty_book(tmp_path_factory.mktemp("book")).home
    for name in READ:
        target = home / "notebooks" / f"{name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project_root() / "notebooks" / f"{name}.ipynb", target)
    book = Book(home)
    forms = {"report": {"pdf": True, "xlsx": True, "pptx": True}}
    book.client("alfa", _people(CANARY), _orders(CANARY), **forms)
    book.client("bravo", _people("Brasserie"), _orders("Brasserie"), **forms)
    done = book.joren("run", "--all", "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    return book


def _content(path: Path) -> str:
    """What a file says, whatever it is packed in."""
    if path.suffix == ".parquet":
        return str(duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall())
    if path.suffix == ".pdf":
        return "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    if path.suffix in (".xlsx", ".pptx"):
        with zipfile.ZipFile(path) as packed:
            return "".join(
                packed.read(name).decode("utf-8", "replace") for name in packed.namelist()
            )
    return path.read_bytes().decode("utf-8", "replace")


def _telling(folder: Path, word: str) -> list[str]:
    """The files under `folder` that say the word, in any case, in their name or content."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and word.lower() in (path.name + _content(path)).lower()
    )


def _bytes(folder: Path, *parts: str) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for part in parts or (".",)
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    }


def test_the_canary_is_in_the_clients_own_closed_tables(book):
    telling = _telling(book.latest("alfa"), CANARY)

    assert "restricted/canonical/customers.parquet" in telling


def test_the_canary_is_in_no_open_artefact_of_its_own_client(book):
    run = book.latest("alfa")
    closed = ("restricted/", "exports/", "state/")

    telling = _telling(run, CANARY)

    assert [name for name in telling if not name.startswith(closed)] == []
    for form in ("pdf", "xlsx", "pptx", "html"):
        assert (run / f"report.{form}").is_file()


def test_the_canary_is_in_no_artefact_of_another_client(book):
    assert _telling(book.reports / "bravo", CANARY) == []
    assert _telling(book.home / "state" / "bravo", CANARY) == []


def test_a_dashboard_site_says_the_canary_of_neither_client(book, call):
    for client in ("alfa", "bravo"):
        dashboard = start(client, book.reports)
        try:
            at = call(dashboard.url)
            status, _, page = at("GET", "/", {"Cookie": at.cookie(dashboard.token)})
            assert status == 200
            assert CANARY.lower() not in page.lower()
            assert _telling(dashboard.private, CANARY) == []
        finally:
            dashboard.stop()


def test_a_mutation_of_one_client_changes_no_byte_of_another(book):
    before = _bytes(book.reports / "bravo")
    state = _bytes(book.home / "state" / "bravo")
    run = book.latest("bravo")
    (book.home / "data" / "alfa" / "orders.csv").write_text(_orders(CANARY, 7000))

    done = book.joren("run", "--all")

    assert done.returncode == 0, done.stdout + done.stderr
    assert _bytes(book.reports / "bravo") == before  # nothing ran
    assert book.joren("run", "bravo", "--force").returncode == 0
    again = book.latest("bravo")
    assert again != run
    parts = ("tables", "restricted", "figures", "exports", "items")
    now, then = _bytes(again, *parts), _bytes(run, *parts)
    # that it is a second run is told by linking, and by a table of what an earlier report said
    restated = again / "tables" / "restatements.parquet"
    del now[str(restated.relative_to(again))]
    told = "items/01_identity__20_link.json"
    assert now.pop(told) != then.pop(told)
    assert now == then
    assert duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(restated)]).fetchall() == [
        (0,)
    ]
    kept = _bytes(book.home / "state" / "bravo")
    assert {name: kept[name] for name in state} == state
    alfa = book.latest("alfa") / "restricted" / "canonical" / "orders.parquet"
    assert duckdb.execute("SELECT min(amount) FROM read_parquet(?)", [str(alfa)]).fetchall() == [
        (7000,)
    ]


def _noting_notebook(book: Book) -> None:
    """One short step that stops where the client's orders hold a negative amount."""
    cells = [
        'client: str = ""\nrun: str = ""',
        'from joren.step import open_step\nstep = open_step("01_numbers/10_make", client, run)',
        "step.set_as_of(step.params.as_of, [])",
        "path = step.client_folder / step.params.sources['pos'].path / 'orders.csv'\n"
        "amounts = step.con.read_csv(str(path)).select('amount')\n"
        "worst = amounts.amount.min().execute()\n"
        "step.block([f'pos/orders: amount {worst}'] if worst < 0 else [])",
        'step.write("amounts", amounts)',
    ]
    declared = {"reads": ["sources"], "writes": ["amounts"], "params": ["as_of", "sources"]}
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    content = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{place}",
                "metadata": {} if place else {"tags": ["parameters"]},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for place, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": kernel, "joren": declared},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = book.home / "notebooks" / "01_numbers" / "10_make.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, subprocess.CompletedProcess]:
    """Twelve clients run together; the orders of the seventh block publication."""
    book = _empty_book(tmp_path_factory.mktemp("twelve"))
    _noting_notebook(book)
    for place, shop in enumerate(SHOPS, start=1):
        amount = -5000 if place == 7 else 1000
        book.client(shop, _people(shop), _orders(shop, amount), report={"pdf": False})
    return book, book.joren("run", "--all", "--jobs", "2")


def test_of_twelve_clients_with_one_broken_eleven_are_published(twelve):
    book, done = twelve

    assert done.returncode == 1
    published = [shop for shop in SHOPS if (book.reports / shop / "latest").exists()]
    assert published == [shop for shop in SHOPS if shop != "shop07"]


def test_the_closing_table_says_why_one_client_was_not_published(twelve):
    _, done = twelve

    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert list(lines) == SHOPS
    assert "failed (1)" in lines["shop07"]
    assert "pos/orders: amount -5000" in lines["shop07"]
    assert all(" published " in lines[shop] for shop in SHOPS if shop != "shop07")


def test_every_outcome_of_the_book_is_machine_readable(twelve):
    book, _ = twelve

    done = book.joren("run", "--all", "--jobs", "2", "--json")

    assert done.returncode == 1
    outcomes = {outcome["client"]: outcome for outcome in json.loads(done.stdout)}
    assert list(outcomes) == SHOPS
    broken = outcomes["shop07"]
    assert (broken["exit"], broken["status"], broken["report"]) == (1, "failed", None)
    assert "pos/orders: amount -5000" in broken["failure"]
    good = outcomes["shop01"]
    assert (good["exit"], good["status"], good["as_of"]) == (0, "unchanged", "2026-03-31")
    assert good["run"] == book.latest("shop01").name
    assert Path(good["report"]).is_file()
