"""The Makefile, the README's plain commands and the locks: they say one thing, and say it well."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
LOCKS = ["requirements.txt", "requirements-test.txt"]

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")


def make(*arguments, at=ROOT) -> subprocess.CompletedProcess:
    """Run make as a shell would, also where the tests themselves run under make."""
    ours = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "PYTHON"}
    env = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        ["make", *map(str, arguments)],
        cwd=at,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )


def commands(target: str) -> list[str]:
    """The commands that a target runs in the virtual environment, as a reader would type them."""
    shown = make("-n", target).stdout.replace("\\\n", " ")
    found = re.findall(r"\.venv/bin/(.*?)(?= && | \|\| | >|;|$)", shown, re.MULTILINE)
    typed = [" ".join(command.removesuffix(" --quiet").split()) for command in found]
    return [command for command in typed if not command.startswith("python -c")]


def blocks(text: str) -> list[list[str]]:
    """The shell blocks of a Markdown text, as lists of their commands."""
    found = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [block.strip().splitlines() for block in found]


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Each package of a lock with its version and how many hashes it has."""
    text = (ROOT / name).read_text("utf-8")
    entries = re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE)[1:]
    pins = [re.match(r"([\w.-]+)==([^\s;]+)", entry).groups() for entry in entries]
    hashes = [len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry)) for entry in entries]
    return {pin[0]: (pin[1], n) for pin, n in zip(pins, hashes, strict=True)}


def direct() -> dict[str, Requirement]:
    """The requirements of pyproject.toml, with those of its extras."""
    extras = PROJECT["optional-dependencies"].values()
    every = [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]
    return {requirement.name: requirement for requirement in map(Requirement, every)}


# Make


@needs_make
def test_make_alone_explains_every_target():
    explained = re.findall(r"^make ([\w-]+) +\S", make().stdout, re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(explained) == set(phony[1].split()) - {"venv"}
    assert {"book", "test", "lab", "serve", "run", "lock", "clean"} <= set(explained)


def pretended(folder: Path, version: tuple[int, ...]) -> Path:
    """A Python that takes itself for another version, and makes no environments."""
    fake = folder / "fakepython"
    pretend = f"import sys; sys.version_info = {version}; exec(sys.argv[1])"
    name = ".".join(map(str, version))
    fake.write_text(
        f'#!/bin/sh\ncase "$1" in\n-V) echo "Python {name}" ;;\n'
        f'-c) exec "{sys.executable}" -c "{pretend}" "$2" ;;\n'
        '*) echo "no ensurepip" >&2; exit 1 ;;\nesac\n'
    )
    fake.chmod(0o755)
    return fake


@needs_make
@pytest.mark.parametrize("version", [(2, 7, 18), (3, 9, 2), (3, 10, 14), None])
def test_a_python_too_old_is_said_in_one_line(tmp_path, version):
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = pretended(tmp_path, version) if version else "nosuchpython"
    told = make("venv", f"PYTHON={python}", at=tmp_path)
    assert told.returncode != 0
    first, last = told.stderr.splitlines()
    assert first.startswith(f"make: Python 3.11 or newer is needed, but {python} is: ")
    assert (f"Python {'.'.join(map(str, version))} " if version else "not found") in first
    assert "make book PYTHON=" in first
    assert last.startswith("make: ***")
    assert not (tmp_path / ".venv").exists()


@needs_make
@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 2)])
def test_a_python_that_makes_no_environment_is_said_in_one_line(tmp_path, version):
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = pretended(tmp_path, version)
    told = make("venv", f"PYTHON={python}", at=tmp_path)
    assert told.returncode != 0
    its, ours, _ = told.stderr.splitlines()
    assert its == "no ensurepip"
    assert ours == f"make: {python} could not make .venv, it says why above"


@pytest.fixture
def fake_venv(tmp_path):
    """A folder whose .venv only notes what it is asked; it refuses to install where told so."""
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(
        '#!/bin/sh\n[ "$1" = -c ] && exit 0\necho "$*" >> asked\n'
        '[ "$2" = pip ] && [ -f refuse ] && echo "ERROR: no network" >&2 && exit 1\nexit 0\n'
    )
    python.chmod(0o755)
    return tmp_path


def installs(folder) -> int:
    asked = (folder / "asked").read_text().splitlines()
    return sum(line.startswith("-m pip install --require-hashes") for line in asked)


@needs_make
def test_it_installs_once_and_again_when_the_lock_differs(fake_venv):
    for expected in (1, 1):
        assert make("run", at=fake_venv).returncode == 0
        assert installs(fake_venv) == expected
    with (fake_venv / "requirements.txt").open("a") as lock:
        lock.write("# other\n")
    assert make("run", at=fake_venv).returncode == 0
    assert installs(fake_venv) == 2


@needs_make
def test_what_the_tests_install_is_enough_for_the_reader(fake_venv):
    assert make("agreement", at=fake_venv).returncode == 0
    assert make("run", at=fake_venv).returncode == 0
    assert installs(fake_venv) == 1


@needs_make
def test_a_failed_install_is_said_in_one_line_and_tried_again(fake_venv):
    (fake_venv / "refuse").touch()
    told = make("run", at=fake_venv)
    assert told.returncode != 0
    pip, ours, _ = told.stderr.splitlines()
    assert pip == "ERROR: no network"
    assert ours.startswith("make: requirements.txt could not be installed")
    (fake_venv / "refuse").unlink()
    assert make("run", at=fake_venv).returncode == 0
    assert installs(fake_venv) == 2


@needs_make
def test_a_fault_of_the_site_is_told_with_its_cell(fake_venv):
    jupyter_book = fake_venv / ".venv/bin/jupyter-book"
    jupyter_book.write_text(
        "#!/bin/sh\necho 'chapters/a.ipynb:120004: WARNING: [9.9 ¶1]: no such passage'\n"
        "echo 'index.md:7: WARNING: odd'\necho 'Traceback (most recent call last):'\nexit 1\n"
    )
    jupyter_book.chmod(0o755)
    told = make("book", at=fake_venv)
    assert told.returncode != 0
    assert told.stderr.splitlines()[:2] == [
        "chapters/a.ipynb, cell 12: WARNING: [9.9 ¶1]: no such passage",
        "index.md:7: WARNING: odd",
    ]
    assert "Traceback" not in told.stderr


@needs_make
def test_serve_says_that_there_is_no_site(fake_venv):
    told = make("serve", at=fake_venv)
    assert told.returncode != 0
    assert told.stderr.startswith("make: no site in _build/html, make book first\n")


@needs_make
def test_the_notebooks_are_compared_before_anything_could_rewrite_them():
    asked = commands("test")
    assert not any("tashkent run" in command or "jupyter-book" in command for command in asked)
    if any((ROOT / "chapters").glob("*.ipynb")):
        kinds = [command for command in asked if not command.startswith("python -m pip")]
        assert kinds[0] == "python -m pytest --nbval chapters"


# The README


@needs_make
@pytest.mark.parametrize("target", ["book", "test"])
def test_the_plain_commands_are_those_of_make(target):
    assert commands(target) in blocks(README)


@needs_make
def test_the_other_targets_are_those_of_make():
    rows = re.findall(
        r"^\| `make ([\w-]+)((?: [A-Z]+=\S+)?)` \| `([^`]+)` \|", README, re.MULTILINE
    )
    named = {"epub", "pdf", "lab", "serve", "run", "check", "agreement", "bench", "lighthouse"}
    named |= {"mutants", "diff-data", "release-data", "new"}
    assert {target for target, _, _ in rows} == named
    for target, setting, command in rows:
        shown = make("-n", target, *setting.split()).stdout
        shown = " ".join(shown.replace("\\\n", " ").split())
        assert command in shown.replace("python3 ", "python "), target


@needs_make
def test_what_the_readme_says_of_make_is_there():
    named = set(re.findall(r"`make ([\w-]+)`", README + CONTRIBUTING))
    for target in named:
        assert make("-n", target).returncode == 0, target


def test_the_first_screen_says_what_it_is_and_shows_a_page():
    top = README[: README.index("\n## ")]
    assert top.startswith(f"# {PROJECT['description']}\n")
    (picture,) = re.findall(r"!\[[^\]]{20,}\]\(([^)]+)\)", top)
    assert (ROOT / picture).is_file(), picture
    for command in ("make book", "make lab", "CONTRIBUTING.md"):
        assert command in top


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_files_that_it_links_exist(name):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / name).read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", ["_config.yml", "CITATION.cff"])
def test_the_book_has_one_title(name):
    assert yaml.safe_load((ROOT / name).read_text("utf-8"))["title"] == PROJECT["description"]


def test_the_book_has_one_version_and_no_invented_author():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["version"] == PROJECT["version"]
    assert f"\n## Book {PROJECT['version']}\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert cited["authors"] == PROJECT["authors"] == [{"name": "The companion's contributors"}]


# Dependencies


def test_contributing_says_why_each_dependency_is_there():
    section = CONTRIBUTING[CONTRIBUTING.index("\n## Dependencies\n") :]
    given = re.findall(r"^\| `([\w-]+)` \| \w.{15,} \|$", section, re.MULTILINE)
    assert sorted(given) == sorted(direct())


@needs_make
def test_contributing_locks_as_make_does():
    assert [line for line in commands("lock") if line.startswith("uv")] in blocks(CONTRIBUTING)


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name):
    assert all(hashes > 0 for _, hashes in locked(name).values())
    text = (ROOT / name).read_text("utf-8")
    assert (
        re.findall(r"^.*(?:://|--index|--find-links|--extra-index| @ |file:).*$", text, re.M) == []
    )


def test_the_locks_hold_every_dependency_in_a_fitting_version():
    versions = {name: version for name, (version, _) in locked(LOCKS[1]).items()}
    missing = {name.replace("_", "-").lower() for name in direct()} - set(versions)
    assert missing == set()
    for name, requirement in direct().items():
        version = versions[name.replace("_", "-").lower()]
        assert requirement.specifier.contains(version), f"{name} {version}"


def test_the_tests_lock_holds_the_readers_lock():
    assert locked(LOCKS[0]).items() <= locked(LOCKS[1]).items()


# Continuous integration


def test_ci_runs_the_readme_s_commands_and_then_looks_for_stale_outputs():
    script = (ROOT / ".ci/run").read_text("utf-8")
    steps = ["make test\n", "make run\n", "git diff ", "make book\n", "git status --porcelain"]
    places = [script.index(f"{step}") for step in steps]
    assert places == sorted(places)
    assert "set -euo pipefail\n" in script
    assert os.name == "nt" or os.access(ROOT / ".ci/run", os.X_OK)


def test_the_site_is_published_only_after_the_checks_and_from_the_default_branch():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    check, publish = workflow["jobs"]["check"], workflow["jobs"]["publish"]
    runs = [step.get("run") or step.get("uses", "") for step in check["steps"]]
    upload = next(step for step in check["steps"] if "upload-pages" in step.get("uses", ""))
    assert runs.index(".ci/run") < runs.index(upload["uses"])
    assert upload["with"]["path"] == "_build/html"
    assert publish["needs"] == "check"
    for guard in (upload["if"], publish["if"]):
        assert "github.ref_name == github.event.repository.default_branch" in guard


# What no file may hold


def project_files() -> list[Path]:
    """What is in git or would be added to it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git work tree")
    paths = (ROOT / name for name in listed.stdout.splitlines())
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_registry_or_a_path_of_this_machine():
    hosts = [
        "pypi." + "org",
        "python" + "hosted.",
        "npm" + "js.",
        "ana" + "conda.",
        "debian." + "org",
    ]
    machine = [f"{ROOT}/", f"{Path.home()}/"]
    found = []
    for path in project_files():
        text = path.read_bytes()
        named = [name for name in hosts + machine if name.encode() in text]
        found += [f"{path.relative_to(ROOT)}: {name}" for name in named]
    assert found == []
