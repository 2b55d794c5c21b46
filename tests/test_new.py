"""`python -m tashkent new`: a chapter of one's own, from its title to its page."""

import io
import shutil
from contextlib import redirect_stderr, redirect_stdout

import nbformat
import pytest
import yaml
from book import ROOT
from bs4 import BeautifulSoup
from conftest import IGNORED, finish, start_build
from markdown_it import MarkdownIt

from tashkent import new
from tashkent.charts import MIME
from tashkent.prose import review
from tashkent.run import run
from tashkent.site import charts

CONTENTS = """\
# The contents.
format: jb-book
root: index
parts:
  - caption: First  # one
    chapters:
      - file: chapters/one  # the first

  # On the guides.
  - caption: Guides
    chapters:
      - file: guides/students
  - caption: Appendix
    chapters:
      - file: appendix/codebook
        sections:
          - glob: appendix/tables/*
"""
TITLE = 'Über "Macht" & *Einfluß*'
NAME = "01-uber-macht-einfluss"


@pytest.fixture
def clone(tmp_path):
    """Give a book of which there is no more than its contents and one page."""
    (tmp_path / "_toc.yml").write_text(CONTENTS, encoding="utf-8")
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides/students.md").write_text("# For students\n\nText.\n", encoding="utf-8")
    return tmp_path


def answer(*arguments, root) -> tuple[int, list[str], list[str]]:
    """Give the command's exit code and the lines it says on its two streams."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = new.main(list(map(str, arguments)), root)
    return code, out.getvalue().splitlines(), err.getvalue().splitlines()


def made(root) -> list[str]:
    return sorted(path.name for path in (root / "chapters").rglob("*") if path.is_file())


# From the command to the page


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Give a small book with two students' chapters, made, run and built."""
    book = tmp_path_factory.mktemp("student") / "book"
    shutil.copytree(ROOT, book, ignore=IGNORED)
    shutil.rmtree(book / "chapters")
    shutil.rmtree(book / "guides", ignore_errors=True)
    (book / "index.md").write_text("# Title\n\nText [1.1 ¶2].\n", encoding="utf-8")
    names = ("concordance", "coverage", "ledger", "glossary", "tables/purposes")
    contents = "".join(f"      - file: appendix/{name}\n" for name in names)
    (book / "_toc.yml").write_text(
        f"format: jb-book\nroot: index\nparts:\n  - caption: Appendix\n    chapters:\n{contents}",
        encoding="utf-8",
    )
    for name, directive in (("coverage", "coverage"), ("ledger", "claims-ledger")):
        text = f"# The {name}\n\n```{{{directive}}}\n```\n"
        (book / f"appendix/{name}.md").write_text(text, encoding="utf-8")
    paths = [new.new(TITLE, True, book), new.new("A second one", False, book)]
    assert run(paths, root=book) == paths
    code, log = finish(start_build(book, book))
    assert code == 0, log
    return book


@pytest.fixture(scope="module")
def page(book):
    text = (book / f"_build/html/chapters/student/{NAME}.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


def chapters(book) -> list:
    return sorted((book / "chapters/student").glob("*.ipynb"))


def test_the_template_has_the_form_of_a_chapter_and_its_prose_is_borne_out(book):
    assert [path.stem for path in chapters(book)] == [NAME, "02-a-second-one"]
    for path in chapters(book):
        assert review(path) == []
        cells = nbformat.read(path, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        headings = [line for line in text.splitlines() if line.startswith("#")]
        assert headings[1] == "## What the report says"
        assert headings[-2:] == ["## What the data adds", "## What the report leaves open"]
        code = [cell for cell in cells if cell.cell_type == "code"]
        assert code[0].source.startswith("import ")
        for cell in code:
            checked = "checked" in cell.metadata.get("tags", [])
            assert checked == cell.source.startswith("assert ")
        shown = [output.get("data", {}) for cell in code for output in cell.outputs]
        specs = [data[MIME] for data in shown if MIME in data]
        assert [charts.faults(spec) for spec in specs] == [[]]


def test_its_page_stands_among_the_student_chapters_and_is_like_the_others(book, page):
    html = book / "_build/html"
    captions = [p.get_text(strip=True) for p in page.select(".bd-sidebar p.caption")]
    assert captions == ["Student chapters", "Appendix"]
    assert page.h1.find(string=True) == "Über “Macht” & *Einfluß*"
    assert len(page.select("figure.tk-chart svg")) == 1
    assert len(page.select("table.dataframe caption")) == 3
    assert len(page.select("details.tk-checked")) == 3
    targets = [link["href"] for link in page.select("a.tk-locator")]
    assert "../../appendix/concordance.html#p-s-5a" in targets
    assert page.select("a.tk-term[href^='../../appendix/glossary.html#term-']")
    for link in page.select("article a[href]"):
        target = link["href"].partition("#")[0]
        assert not target or (html / "chapters/student" / target).resolve().is_file(), target


def test_its_outputs_name_their_tables_and_its_own_file(book, page):
    named = [p.get_text() for p in page.select("p.tk-from")]
    assert named == ["Rows: purposes", "Rows: returns.csv", "Rows: purposes, report_terms"]
    link = page.select("p.tk-from a")[1]["href"]
    copied = (book / "_build/html/chapters/student" / link).read_bytes()
    assert copied == (book / f"chapters/student/{NAME}/returns.csv").read_bytes()


def test_what_the_template_says_to_its_reader_is_on_no_page(book, page):
    source = chapters(book)[0].read_text(encoding="utf-8")
    assert "% Lines like this one" in source
    assert "Lines like this one" not in page.get_text()


@pytest.mark.parametrize("name", ["concordance", "coverage", "ledger"])
def test_the_book_s_own_pages_do_not_count_it(book, name):
    text = (book / f"_build/html/appendix/{name}.html").read_text(encoding="utf-8")
    article = BeautifulSoup(text, "html.parser").article
    assert article.select("a[href*='chapters/student']") == []
    if name == "coverage":
        assert "0 of 0" in article.find(id="outputs").get_text()
        assert "0 of 172" in article.find(id="passages-by-chapters").get_text()


# Titles


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Über Größe", "01-uber-grosse"),
        ("Страх и НАТО", "01-strakh-i-nato"),
        ("a/b\\c", "01-a-b-c"),
        ("../../etc", "01-etc"),
        ("- a dash", "01-a-dash"),
        ("-h2", "01-h2"),
        ("# `code` *and* _more_ #", "01-code-and-more"),
        ("\\alpha [x](y) <b>|$1$ &amp; ~~no~~ {a}`b`", "01-alpha-x-y-b-1-no-a-b"),
        ("\"quoted\" 'twice'", "01-quoted-twice"),
        ("War 🚀", "01-war"),
        ("1994", "01-1994"),
        ("word " * 24, f"01-{'-'.join(['word'] * 12)}"),
    ],
)
def test_a_title_stands_in_the_notebook_as_it_was_given(clone, title, name):
    code, out, err = answer(title, root=clone)
    assert (code, err) == (0, [])
    assert out == [
        f"Made chapters/student/{name}.ipynb, entered under 'Student chapters' in _toc.yml.",
        "Next: make lab opens it; write, run all cells and save.",
        f"make book then shows it: _build/html/chapters/student/{name}.html",
    ]
    first = nbformat.read(clone / f"chapters/student/{name}.ipynb", as_version=4).cells[0]
    _, inline, *_ = MarkdownIt().parse(first.source)
    assert {part.type for part in inline.children} <= {"text", "text_special"}
    assert "".join(part.content for part in inline.children) == title.strip()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([""], 'no title: python -m tashkent new "What the chapter is about"'),
        (["  "], 'no title: python -m tashkent new "What the chapter is about"'),
        (["🚀!"], "the title has no letter or digit of which a file's name could be made"),
        (["a\nb"], "the title has a line break or another sign that cannot be printed"),
        (["a\udcffb"], "the title has a line break or another sign that cannot be printed"),
        (["a" * 121], "the title has 121 letters, expected 120 at most"),
        (["two", "words"], "2 titles: put one between quotation marks"),
        (["--dta"], "no option --dta: there is --data"),
        (
            ["for STUDENTS"],
            "the contents have this title already, in guides/students: choose another one",
        ),
        (
            ["Students!"],
            "the name is taken by chapters/student/07-students, choose another title",
        ),
    ],
)
def test_what_cannot_be_a_title_is_refused_in_one_line(clone, arguments, line):
    (clone / "chapters/student/07-students").mkdir(parents=True)
    assert answer(*arguments, root=clone) == (1, [], [line])
    assert made(clone) == []
    assert (clone / "_toc.yml").read_text(encoding="utf-8") == CONTENTS


def test_no_title_at_all_is_answered_with_the_usage(clone, capsys):
    with pytest.raises(SystemExit):
        new.main([], clone)
    assert "usage: python -m tashkent new" in capsys.readouterr().err


# The contents


def test_chapters_are_numbered_on_and_the_rest_of_the_contents_stays(clone):
    for title in ("One", "Two"):
        assert answer(title, root=clone)[0] == 0
    (clone / "chapters/student/02-two.ipynb").unlink()  # its entry is still there
    assert answer("Three", root=clone)[0] == 0
    added = """\
  - caption: Student chapters
    chapters:
      - file: chapters/student/01-one
      - file: chapters/student/02-two
      - file: chapters/student/03-three
"""
    text = (clone / "_toc.yml").read_text(encoding="utf-8")
    assert text == CONTENTS.replace("  # On the guides.\n", added + "  # On the guides.\n")
    assert answer("Two", root=clone)[2] == [
        "the name is taken by chapters/student/02-two, choose another title"
    ]


@pytest.mark.parametrize("missing", ["Guides", "Appendix"])
def test_the_part_comes_before_the_appendix_or_last(clone, missing):
    text = CONTENTS.replace("Guides", "Another").replace(missing, "Yet another")
    text = text.replace("\n", "\r\n").rstrip()
    (clone / "_toc.yml").write_bytes(text.encode())
    assert answer("One", root=clone)[0] == 0
    entered = (clone / "_toc.yml").read_bytes().decode()
    assert "\n" not in entered.replace("\r\n", "")
    captions = [part["caption"] for part in yaml.safe_load(entered)["parts"]]
    at = {"Guides": 2, "Appendix": 3}[missing]
    assert captions.index("Student chapters") == at


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "chapters are made in a clone of the book"),
        ("parts: [", "_toc.yml: no table of contents with parts, which a chapter enters"),
        ("- a", "_toc.yml: no table of contents with parts, which a chapter enters"),
        ("root: index\nchapters: []", "_toc.yml: no table of contents with parts, which a chapter"),
        ("parts: [{caption: A, chapters: [{file: a}]}]", "_toc.yml: not written line by line"),
        (
            "parts:\n- caption: Student chapters\n  chapters:",
            "_toc.yml: the part 'Student chapters' has no list of chapters",
        ),
    ],
)
def test_contents_that_cannot_be_changed_are_said_in_one_line(clone, text, line):
    (clone / "_toc.yml").unlink()
    if text:
        (clone / "_toc.yml").write_text(text, encoding="utf-8")
    code, out, err = answer("One", root=clone)
    assert (code, out, len(err)) == (1, [], 1)
    assert line in err[0]
    assert not (clone / "chapters").exists()


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_left(clone, monkeypatch):
    (clone / "chapters").write_text("no folder", encoding="utf-8")
    code, _, err = answer("One", root=clone)
    assert code == 1
    assert err == ["chapters/student: cannot be written (Not a directory)"]
    (clone / "chapters").unlink()

    def refuse(path, text, write=new.write):
        if path.name == "_toc.yml":
            raise PermissionError(13, "Permission denied")
        write(path, text)

    monkeypatch.setattr(new, "write", refuse)
    code, _, err = answer("One", "--data", root=clone)
    assert err == ["_toc.yml: cannot be written (Permission denied)"]
    assert made(clone) == []
