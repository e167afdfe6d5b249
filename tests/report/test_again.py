"""`joren report`: the last published run's report anew, or in the other language."""

from __future__ import annotations


def test_the_report_is_built_anew_in_either_language(published_toy):
    published_toy.params(report={"pdf": False})
    done = published_toy.joren("report", "toy", "--language", "ja")
    assert done.returncode == 0, done.stderr
    assert (published_toy.latest / "report.ja.pdf").read_bytes().startswith(b"%PDF")
    assert (published_toy.latest / "report.ja.xlsx").is_file()
    assert (published_toy.latest / "report.ja.pptx").is_file()
    done = published_toy.joren("report", "toy")
    assert done.returncode == 0, done.stderr
    assert (published_toy.latest / "report.pdf").is_file()


def test_without_a_run_there_is_nothing_to_report(toy):
    done = toy.joren("report", "toy")
    assert done.returncode == 1
    assert "no run of toy was published yet" in done.stderr


def test_another_language_is_refused(published_toy):
    done = published_toy.joren("report", "toy", "--language", "fr")
    assert done.returncode == 2
    assert "ja or en" in done.stderr
