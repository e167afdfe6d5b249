"""The month-end PDF of the demo client: text, pages, fonts, bytes."""

from __future__ import annotations

import hashlib
import io

import pytest

from joren.errors import JorenError
from joren.report.build import template_folder
from joren.report.pdf import content, write_pdf
from joren.workspace import read_json


@pytest.fixture(scope="module")
def made(demo_run, tmp_path_factory):
    """Language → the PDF's path, set from the published run."""
    folder = tmp_path_factory.mktemp("pdf")
    report, record = read_json(demo_run / "report.json"), read_json(demo_run / "run.json")
    return {
        language: write_pdf(demo_run, report, record, template_folder(), demo_run, language,
                            folder / f"{language}.pdf")
        for language in ("ja", "en")
    }  # fmt: skip


def _text(path) -> str:
    import pypdf

    pages = pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_headline_and_tile_of_the_run_can_be_searched(made, demo_run, language):
    said = _text(made[language])
    report, record = read_json(demo_run / "report.json"), read_json(demo_run / "run.json")
    pages = content(demo_run, report, record, None, language)["pages"]
    for page in pages:
        assert "".join(page["headline"].split()) in said
        for tile in page["tiles"]:
            assert "".join(tile["value"].split()) in said


@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_question_has_one_sheet(made, demo_run, language):
    import pypdf

    report, record = read_json(demo_run / "report.json"), read_json(demo_run / "run.json")
    pages = content(demo_run, report, record, None, language)["pages"]
    # cover, reading, certificate
    assert len(pypdf.PdfReader(made[language]).pages) == len(pages) + 3


def test_the_typeface_is_embedded_and_lacks_no_glyph(made):
    import pypdf

    fonts = set()
    for page in pypdf.PdfReader(made["ja"]).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
            fonts.add(str(descriptor["/FontName"]).partition("+")[2])
    assert fonts == {"IPAexGothic"}


def test_the_same_run_gives_the_same_bytes(made, demo_run, tmp_path):
    report, record = read_json(demo_run / "report.json"), read_json(demo_run / "run.json")
    again = write_pdf(
        demo_run, report, record, template_folder(), demo_run, "ja", tmp_path / "again.pdf"
    )
    digests = {hashlib.sha256(p.read_bytes()).hexdigest() for p in (again, made["ja"])}
    assert len(digests) == 1


def test_a_character_the_typeface_lacks_is_named(demo_run, tmp_path):
    report, record = read_json(demo_run / "report.json"), read_json(demo_run / "run.json")
    report["title"] = {"ja": "店𓀀", "en": "x"}
    with pytest.raises(JorenError, match="𓀀"):
        write_pdf(demo_run, report, record, template_folder(), None, "ja", tmp_path / "x.pdf")
    assert not list(tmp_path.iterdir())


def test_the_run_leaves_its_report_in_the_clients_language(demo_run):
    assert "デモ商店" in _text(demo_run / "report.pdf")


def test_a_client_with_orders_alone_has_a_report_without_blank_pages(cdnow_run):
    import pypdf

    for page in pypdf.PdfReader(cdnow_run / "report.pdf").pages:
        assert len(page.extract_text()) > 150
