"""The cache of comparison keys changes nothing but the time it takes, and nobody else reads it."""

from pathlib import Path

from joren.identity import keys

HANAKO = {"full_name": "佐藤 花子", "full_kana": "サトウ ハナコ", "phone": "090-1111-2222"}
TARO = {"full_name": "鈴木 太郎", "phone": "090-3333-4444"}


def test_known_records_are_not_keyed_again(clients, tmp_path: Path, monkeypatch):
    client = clients(tmp_path / "keys")
    first = client({"pos:1": HANAKO, "web:2": TARO})
    seen = []
    keyed = keys.keyed_records

    def counted(con, customers, population, locale):
        found = keyed(con, customers, population, locale)
        seen.append(set(population.source_id.to_pyarrow().to_pylist()))
        return found

    monkeypatch.setattr(keys, "keyed_records", counted)
    later = client({"pos:1": HANAKO, "web:2": TARO, "web:1": HANAKO})
    assert seen == [{"1"}]
    assert later.customer("web:1") == first.customer("pos:1")


def test_the_cache_is_closed_to_others_and_can_be_lost(clients, tmp_path: Path):
    folder = tmp_path / "keys"
    client = clients(folder)
    first = client({"pos:1": HANAKO, "web:1": HANAKO})
    files = sorted(folder.rglob("*.parquet"))
    assert [path.name for path in files] == ["000001.parquet"]
    assert files[0].stat().st_mode & 0o077 == 0
    assert files[0].parent.stat().st_mode & 0o077 == 0
    files[0].unlink()
    again = client({"pos:1": HANAKO, "web:1": HANAKO, "web:2": TARO})
    assert again.customer("web:1") == first.customer("pos:1")
