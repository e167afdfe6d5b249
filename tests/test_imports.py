"""The modules a notebook reaches, read from source."""

from __future__ import annotations

from joren.imports import PACKAGE, modules_used


def _used(*cells: str) -> set[str]:
    return {str(path.relative_to(PACKAGE)) for path in modules_used(cells)}


def test_a_module_brings_what_it_imports_and_nothing_else():
    used = _used("from joren.workspace import digest_of")
    assert used == {
        "__init__.py",
        "workspace.py",
        "errors.py",
        "text/ja/common.yaml",
        "text/en/common.yaml",
    }


def test_imports_inside_functions_and_under_magics_count():
    used = _used("%matplotlib inline\n!ls\ndef f():\n    from joren.text import formats")
    assert {"text/__init__.py", "text/formats.py"} <= used


def test_a_package_taken_as_a_whole_counts_with_all_its_modules():
    used = _used("from joren import ingest")
    assert {"ingest/__init__.py", "ingest/decode.py", "ingest/formats/csv.py"} <= used


def test_a_room_brings_its_own_texts_and_not_those_of_others():
    used = _used("from joren.ltv.summary import purchase_summary")
    assert "text/ja/ltv.yaml" in used
    assert "text/ja/identity.yaml" not in used
    assert not any(name.startswith("identity/") for name in used)


def test_other_packages_are_no_part_of_it():
    assert _used("import pandas, joren_extra\nfrom numpy import array") == {
        "text/ja/common.yaml",
        "text/en/common.yaml",
    }


def test_a_module_with_a_room_of_its_own_brings_its_texts():
    used = _used("from joren.experiments.quasi import effect_sentence")
    assert "text/ja/quasi.yaml" in used

    # every notebook reaches the contracts of every stage, but not their words
    assert "text/ja/ltv.yaml" not in _used("from joren import contract")


def test_a_module_brings_the_data_file_of_its_name():
    assert "actions/playbook.yaml" in _used("from joren.actions.playbook import playbook")
