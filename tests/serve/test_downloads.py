from __future__ import annotations

import pytest

from joren.serve import cubes, downloads, people


@pytest.fixture
def prepared(tables, tmp_path):
    def of(role: str):
        run, folder = tables.parent, tmp_path / role
        (run / "exports").mkdir(exist_ok=True)
        (run / "exports" / "list.csv").write_text("氏名\r\n浦田\r\n")
        (run / "exports" / "worth.csv").write_text("not the cube")
        (run / "exports" / "..csv").write_text("x")
        (run / "exports" / "note.txt").write_text("x")
        link = run / "exports" / "passwd.csv"
        if not link.is_symlink():
            link.symlink_to("/etc/passwd")
        folder.mkdir()
        made = cubes.build(tables, folder, role)
        if role != "viewer":
            people.write_explore(tables, folder)
        return folder, downloads.prepare(run, folder, role, made)

    return of


def _kinds(files):
    return {kind: [f["name"] for f in files if f["kind"] == kind] for kind in ("people", "export")}


def test_each_role_finds_its_own_files_and_no_other(prepared):
    assert _kinds(prepared("viewer")[1]) == {"people": [], "export": []}
    assert _kinds(prepared("analyst")[1]) == {"people": ["customers_masked.csv"], "export": []}
    assert _kinds(prepared("manager")[1]) == {
        "people": ["customers_masked.csv"], "export": ["list.csv"],
    }  # fmt: skip


def test_what_is_told_stands_in_the_folder_and_nothing_else(prepared):
    folder, files = prepared("manager")
    held = {path.name: path.stat().st_size for path in (folder / "downloads").iterdir()}
    assert held == {one["name"]: one["bytes"] for one in files}
    assert "浦田" in (folder / "downloads" / "list.csv").read_text()
    assert "not the cube" not in (folder / "downloads" / "worth.csv").read_text()


def test_a_spreadsheet_runs_nothing(prepared):
    assert downloads._cell("=cmd|x") == "'=cmd|x" and downloads._cell("＝1") == "'＝1"
    assert downloads._cell(["pos", "ec"]) == "pos ec" and downloads._cell(-3) == -3
    folder, _ = prepared("analyst")
    masked = (folder / "downloads" / "customers_masked.csv").read_text(encoding="utf-8-sig")
    assert masked.splitlines()[0].startswith("id,channels,segment")
    assert "cust-00" not in masked and "•••• t-00" in masked
