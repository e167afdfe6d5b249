"""The parameter file of a simulated client."""

from pathlib import Path

from ruamel.yaml import YAML

from joren.simulate.params_file import MARK, params_text, readme_text


def test_paths_are_relative_to_the_parameter_file():
    text = params_text("toy", 500, 1, Path("/x/data/toy"), Path("/x/params"))
    sources = YAML(typ="safe").load(text)["sources"]
    assert sources["pos"]["orders"] == "../data/toy/pos/torihiki-*.csv"
    assert sources["crm"] == {"format": "tables", "path": "../data/toy/crm"}


def test_the_stores_words_for_points_are_given():
    text = params_text("toy", 500, 1, Path("/x/data/toy"), Path("/x/params"))
    words = YAML(typ="safe").load(text)["sources"]["web"]["point_entries"]["words"]["kind"]
    assert words["移行"] == "transfer" and len(words) == 6


def test_both_files_bear_the_mark_and_the_command_in_their_first_line():
    for text in (
        params_text("toy", 500, 1, Path("/x/data/toy"), Path("/x/params")),
        readme_text("toy", 500, 1),
    ):
        assert f"{MARK} toy --customers 500 --seed 1" in text.split("\n", 1)[0]


def test_the_demo_client_bears_a_title_of_its_own():
    titles = {
        name: YAML(typ="safe").load(params_text(name, 500, 1, Path("/d"), Path("/p")))["title"]
        for name in ("demo", "toy")
    }
    assert titles["demo"] == {"ja": "デモ商店", "en": "Demo store"}
    assert titles["toy"] == {"ja": "toy (シミュレーション)", "en": "toy (simulated)"}
