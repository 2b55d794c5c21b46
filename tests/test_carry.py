"""The book to carry: one EPUB, one PDF, both with all that the pages hold; and what offers them.

The EPUB is checked by epubcheck, the PDF read by pdftotext and printed by Chromium. Where one of
them is not there its tests are skipped; where CI is set, that fails.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from book import ROOT, cells, every_page, notebooks
from bs4 import BeautifulSoup

from tashkent.charts import MIME
from tashkent.site import charts, chromium
from tashkent.site.carry import downloads, epub, pdf, xhtml

IDS = {"ids": lambda path: path.stem}
EPUBCHECK, PDFTOTEXT = shutil.which("epubcheck"), shutil.which("pdftotext")


def needs(tool: str | None, lacks: str):
    if not tool and os.environ.get("CI"):
        raise RuntimeError(lacks)
    return pytest.mark.skipif(not tool, reason=lacks)


needs_epubcheck = needs(EPUBCHECK, "no epubcheck: apt-get install epubcheck")
needs_pdftotext = needs(
    PDFTOTEXT and chromium.path(), "no PDF to read: apt-get install poppler-utils chromium"
)


def run(*commands: tuple[list, Path, dict]) -> None:
    """Run commands at a time, each in a folder and with a few more variables."""
    running = [
        subprocess.Popen(
            list(map(str, command)),
            cwd=source,
            env=os.environ | {"PYTHONPATH": str(source)} | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command, source, more in commands
    ]
    for one in running:
        log, _ = one.communicate(timeout=600)
        assert one.returncode == 0, log[-4000:]


def build(output: Path, *builder: str) -> list:
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "."]
    return [*command, "--path-output", output, "-W", "-n", "--keep-going", "-q", *builder]


@pytest.fixture(scope="module")
def books(builds, tmp_path_factory) -> list[tuple[Path, Path, dict]]:
    """Make the EPUB twice, from what the site's two builds have read: source, output, variables."""
    made = []
    for site, source, more in (
        (builds[0], ROOT, {}),
        (builds[1], builds[1].parents[1], {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7"}),
    ):
        output = tmp_path_factory.mktemp("carried")
        shutil.copytree(site.parent, output / "_build")
        made.append((source, output, more))
    builder = ["--builder", "custom", "--custom-builder", "epub"]
    run(*((build(output, *builder), source, more) for source, output, more in made))
    return made


def file_of(book, kind: downloads.Download) -> Path:
    return book[1] / "_build" / "downloads" / kind.name


@pytest.fixture(scope="module")
def book(books) -> Path:
    return file_of(books[0], downloads.EPUB)


@pytest.fixture(scope="module")
def inside(book) -> dict[str, bytes]:
    """Everything in the EPUB, by its path there."""
    with zipfile.ZipFile(book) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def printed(books) -> list[Path]:
    """Print the two builds."""
    command = [sys.executable, "-m", "tashkent.site.carry.pdf"]
    run(*(([*command, output / "_build"], source, more) for source, output, more in books))
    return [file_of(book, downloads.PDF) for book in books]


def text_of(path: Path, *options: str) -> str:
    command = [PDFTOTEXT, *options, str(path), "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


@pytest.fixture(scope="module")
def sheets(printed) -> list[str]:
    """The text of each page of the PDF."""
    return text_of(printed[0]).split("\f")[:-1]


@functools.cache
def read(content: bytes) -> BeautifulSoup:
    return BeautifulSoup(content, "html.parser")


def squeeze(text: str) -> str:
    """Leave out what a change of line may add, and how quotation marks are set."""
    return re.sub("[‘’]", "'", re.sub("[“”]", '"', re.sub(r"\s+", "", text)))


def soup_of(inside, source: Path) -> BeautifulSoup:
    return read(inside[name_of(source)])


def name_of(source: Path) -> str:
    return source.relative_to(ROOT).with_suffix(".xhtml").as_posix()


def carried() -> list[Path]:
    """The pages in the contents that the book holds: all but the list of its own files."""
    return [path for path in every_page() if path.stem != "downloads"]


def specs(path: Path) -> list[dict]:
    found = [out.get("data", {}) for cell in cells(path, "code") for out in cell.outputs]
    return [data[MIME] for data in found if MIME in data]


# The EPUB


@needs_epubcheck
def test_epubcheck_finds_nothing(book):
    java = ["java", "-jar"] if zipfile.is_zipfile(EPUBCHECK) else []
    told = subprocess.run([*java, EPUBCHECK, str(book)], capture_output=True, text=True)
    assert "0 fatals / 0 errors / 0 warnings" in told.stdout, told.stdout + told.stderr


def test_two_makes_are_the_same_bytes(books):
    first, second = (file_of(book, downloads.EPUB).read_bytes() for book in books)
    assert first == second


def test_the_package_says_what_the_book_is(inside):
    package = ElementTree.fromstring(inside["book.opf"])
    dc = "{http://purl.org/dc/elements/1.1/}"
    said = {tag.tag.removeprefix(dc): tag.text for tag in package.iter() if dc in tag.tag}
    assert said["title"].startswith("Regional Security Structures in the CIS")
    assert said["creator"] == "The companion's contributors"
    assert said["language"] == "en"
    assert said["identifier"].startswith("urn:uuid:")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", said["date"])


def test_the_pages_stand_in_reading_order(inside):
    opf = inside["book.opf"].decode()
    names = dict(re.findall(r'<item id="([^"]+)" href="([^"]+)"', opf))
    spine = [names[ref] for ref in re.findall(r'<itemref idref="([^"]+)"', opf)]
    assert spine == ["title.xhtml", "nav.xhtml", *map(name_of, carried())]


def test_nothing_in_it_runs_or_waits_for_a_click(inside):
    for name, content in inside.items():
        assert Path(name).suffix not in (".js", ".html"), name
        if name.endswith((".xhtml", ".svg")):
            for tag in ElementTree.fromstring(content).iter():
                kind = tag.tag.rpartition("}")[2]
                assert kind not in ("script", "select", "button", "details", "form"), name
                assert not [attribute for attribute in tag.attrib if attribute[:2] == "on"], name


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_chart_has_a_picture_file_and_its_words(inside, path):
    figures = soup_of(inside, path).select("figure.tk-chart")
    assert len(figures) == len(specs(path))
    for figure, spec in zip(figures, specs(path), strict=True):
        (image,) = figure.find_all("img")
        assert image["alt"] == spec["description"]
        picture = inside[xhtml.split(image["src"], name_of(path))[0]].decode()
        assert "var(" not in picture and "currentColor" not in picture
        assert '<rect width="100%" height="100%" fill="#ffffff"/>' in picture
        title, _, sources = charts.words(spec)
        assert squeeze(title) in squeeze(figure.figcaption.get_text())
        for line in sources:
            assert squeeze(line) in squeeze(figure.get_text())
        assert len(figure.find_all("table")) == len(charts.datasets(spec))


@pytest.mark.parametrize("path", carried(), **IDS)
def test_every_table_and_panel_of_the_site_is_there(site, inside, path):
    page = site / path.relative_to(ROOT).with_suffix(".html")
    there = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("article")
    for field in there.select(".tk-filter, .headerlink"):
        field.decompose()
    here = soup_of(inside, path)
    for kind in ("table", ".tk-chooser section", ".tk-passage"):
        expected = [squeeze(tag.get_text()) for tag in there.select(kind)]
        assert [squeeze(tag.get_text()) for tag in here.select(kind)] == expected, kind


def test_every_link_leads_to_a_place_in_the_book(inside):
    trees = {name: read(content) for name, content in inside.items() if ".xhtml" in name}
    ids = {name: [tag["id"] for tag in tree.find_all(id=True)] for name, tree in trees.items()}
    for name, tree in trees.items():
        assert len(ids[name]) == len(set(ids[name])), name
        for link in tree.find_all("a", href=True):
            target, place = xhtml.split(link["href"], name)
            assert target in inside and (not place or place in ids[target]), link
        for link in tree.select("a.tk-locator"):  # keys of the record lead to their table
            page = link["href"].partition("#")[0]
            assert page.endswith(("concordance.xhtml", "codebook.xhtml")) or "concord" in name
    assert sum(len(tree.select("a.tk-locator")) for tree in trees.values()) > 1000


def test_a_page_is_mended():
    tree = xhtml.mend(
        '<p hidden><select></select></p><div class="tk-scroll" tabindex="0" role="region">'
        '<table border="0"><thead><tr><th>id<th></tr></thead></table></div>'
        '<details class="tk-fold"><summary>Data</summary><br>a &amp; b</details>'
    )
    written = xhtml.written(tree)
    assert "hidden" not in written and "tabindex" not in written and "border" not in written
    assert '<div class="tk-fold tk-details"><p class="tk-summary">Data</p><br/>a &amp; b' in written
    ElementTree.fromstring(f"<body>{written}</body>")


def test_a_link_that_leads_out_of_the_book_is_words():
    first = xhtml.mend('<a href="b.xhtml#x">one</a><a href="c.xhtml">two</a>')
    trees = {"a.xhtml": first, "b.xhtml": xhtml.mend('<p id="x">there</p>')}
    xhtml.keep_links_inside(trees)
    assert xhtml.written(first) == '<a href="b.xhtml#x">one</a>two'
    assert 'href="#b--x"' in xhtml.join(trees)


def test_an_archive_holds_no_times(tmp_path):
    about = {"title": "A & B", "language": "en", "date-released": "2000-01-01", "authors": []}
    about |= {"rights": "", "version": "1"}
    epub.pack(tmp_path / "a.epub", {"nav.xhtml": b""}, ["nav.xhtml"], about)
    with zipfile.ZipFile(tmp_path / "a.epub") as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert (entries[0].filename, entries[0].compress_type) == ("mimetype", zipfile.ZIP_STORED)


# The PDF


@needs_pdftotext
def test_the_pdf_holds_every_chapter_chart_and_panel(sheets, inside):
    text = squeeze("".join(re.sub(r"\n\d+\s*$", "", sheet) for sheet in sheets))
    for path in carried():
        tree = soup_of(inside, path)
        titles = [tree.h1, *tree.select("h2"), *tree.select("p.tk-chart-title")]
        titles += [*tree.select(".tk-option"), *tree.select("caption")]
        missing = [t.get_text() for t in titles if squeeze(t.get_text()) not in text]
        assert missing == [], path.stem
    for path in notebooks():
        for spec in specs(path):
            assert squeeze(charts.words(spec)[0]) in text


@needs_pdftotext
def test_the_contents_say_on_what_page_a_chapter_begins(printed, sheets, inside):
    begun = {path: soup_of(inside, path).h1.get_text() for path in carried()}
    listed = text_of(printed[0], "-layout", "-f", "2", "-l", "6")
    lines = [squeeze(line) for line in listed.splitlines()]
    for title in map(squeeze, begun.values()):
        starts = [n for n, s in enumerate(sheets, start=1) if squeeze(s).startswith(title)]
        assert any(f"{title}{n}" in lines for n in starts), title


@needs_pdftotext
def test_the_pdf_is_tagged_outlined_and_links_within(printed, sheets):
    written = printed[0].read_bytes()
    assert b"/StructTreeRoot" in written and b"/Marked true" in written
    assert b"/Outlines" in written and b"/Lang (en)" in written
    assert b"file:" not in written
    assert written.count(b"/Subtype /Link") > 1000
    assert 100 < len(sheets) < 800
    assert [n for n, sheet in enumerate(sheets, 1) if len(sheet.split()) < 3] == []


@needs_pdftotext
def test_no_word_is_cut_off_and_no_page_shrunk(printed):
    words = re.findall(
        r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(\w*)',
        text_of(printed[0], "-bbox"),
    )
    left, right = min(float(w[0]) for w in words), max(float(w[2]) for w in words)
    assert left > 50 and right < 545, "the margins are 57 points, the page is 595 wide"
    heading = next(word for word in words if word[4] == "Contents")
    assert float(heading[3]) - float(heading[1]) > 18, "its type has 20 points"


@needs_pdftotext
def test_two_prints_hold_the_same_text(printed):
    first, second = map(text_of, printed)
    assert first == second


def test_what_a_print_lacks_is_said_in_one_line(tmp_path, capsys, monkeypatch):
    assert pdf.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("pdf: no book in ")
    (tmp_path / "epub").mkdir()
    (tmp_path / "downloads").mkdir()
    (tmp_path / "epub" / "print.html").touch()
    downloads.note(tmp_path / "downloads", downloads.EPUB, "x")
    monkeypatch.setattr(chromium, "path", lambda: None)
    assert pdf.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        "pdf: no Chromium: apt-get install chromium, or name one in the variable CHROMIUM\n"
    )


# The list of its files


def files_of_the_book(output: Path) -> BeautifulSoup:
    """The part of the page Downloads that offers the book."""
    path = output / "_build" / "html" / "appendix" / "downloads.html"
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return page.select_one("section#the-book")


def test_a_site_without_books_says_how_to_make_them(site):
    part = files_of_the_book(site.parents[1])
    assert "make downloads" in part.get_text() and part.table is None
    assert not [one for one in downloads.DOWNLOADS if (site / "downloads" / one.name).exists()]


def test_a_site_offers_the_books_that_are_there(books):
    source, output, more = books[0]
    run((build(output), source, more))
    part, place = files_of_the_book(output), output / "_build" / "html"
    rows = part.select("tbody tr")
    there = [one for one in downloads.DOWNLOADS if file_of(books[0], one).exists()]
    assert [row.a.get_text() for row in rows] == [one.name for one in there]
    for row, one in zip(rows, there, strict=True):
        offered = (place / "appendix" / row.a["href"]).resolve()
        assert offered.read_bytes() == file_of(books[0], one).read_bytes()
        assert one.format in row.get_text() and one.use in row.get_text()


def test_a_file_made_from_another_state_is_not_offered(tmp_path):
    root, place = tmp_path / "book", tmp_path / "downloads"
    (root / "data").mkdir(parents=True)
    place.mkdir()
    for name in ("CITATION.cff", "data/a.csv"):
        (root / name).write_text("a\n")
    (place / downloads.EPUB.name).write_bytes(b"")
    assert downloads.up_to_date(place, root) == []
    downloads.note(place, downloads.EPUB, downloads.digest(root))
    assert downloads.up_to_date(place, root) == [downloads.EPUB]
    (root / "data/a.csv").write_text("b\n")
    assert downloads.up_to_date(place, root) == []
