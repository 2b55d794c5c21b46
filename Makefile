# Regional Security Structures in the CIS: an executable companion to Zagorski (1996)
#
# Every target is a few lines over standard tools. README.md gives them as plain commands.

PYTHON ?= python3
PORT = 8000
ARGS =
PAGES =
REV =

BIN := .venv/bin
NEWER := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
FOLDERS := $(patsubst %/,%,$(sort $(dir $(wildcard chapters/*.ipynb appendix/*.ipynb))))
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.NOTPARALLEL:
.PHONY: help venv book epub pdf downloads test lab serve run check new agreement mutants diff-data release-data bench lighthouse lock clean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

# Bring .venv to what a lock and pyproject.toml say, by content; do nothing where it is there.
define install
@cat $(1) pyproject.toml | cmp -s - .venv/$(1) || { \
	echo "Installing $(1) into .venv, the first time some minutes ..."; \
	$(BIN)/python -m pip install --require-hashes -r $(1) --quiet && \
	$(BIN)/python -m pip install --no-deps --no-build-isolation -e . --quiet && \
	cat $(1) pyproject.toml > .venv/$(1) || { \
	echo "make: $(1) could not be installed, pip says why above (the first time it needs a network)" >&2; \
	exit 1; }; }
endef

# The tests' lock holds the reader's lock and more.
define install_all
$(call install,requirements-test.txt)
@cat requirements.txt pyproject.toml > .venv/requirements.txt
endef

# A folder that was moved, or whose Python is gone, gets a new .venv.
venv:
	@$(BIN)/python $(NEWER) 2>/dev/null && \
	[ "$$(cat .venv/made-in 2>/dev/null || pwd)" = "$$(pwd)" ] || { \
	$(PYTHON) $(NEWER) 2>/dev/null || { \
	echo "make: Python 3.11 or newer is needed, but $(PYTHON) is: $$($(PYTHON) -V 2>&1 | tail -n 1)" \
	"(name another, like make book PYTHON=python3.12)" >&2; exit 1; }; \
	echo "Making the virtual environment .venv ..."; \
	rm -rf .venv && $(PYTHON) -m venv .venv && pwd > .venv/made-in || { \
	rm -rf .venv; echo "make: $(PYTHON) could not make .venv, it says why above" >&2; exit 1; }; }

# The tables checked, the notebooks run: what every form of the book is made from.
define refresh
@echo "Checking the tables ..."
@$(BIN)/python -m tashkent check --no-hash
@echo "Running the notebooks whose inputs changed ..."
@$(BIN)/python -m tashkent run
endef

# Sphinx's log up to a traceback; MyST-NB's line 30004 is a line of the third cell.
told = sed -e '/^Traceback/,$$d' -e 's/\.ipynb:\([1-9][0-9]*\)[0-9]\{4\}:/.ipynb, cell \1:/'

book: venv ## build the book into _build/html
	$(call install,requirements.txt)
	$(refresh)
	@echo "Building the site, under half a minute ..."
	@rm -rf _build/html && mkdir -p _build
	@$(BIN)/jupyter-book build . -W -n --keep-going -q > _build/book.log 2>&1 || { \
	$(told) _build/book.log >&2; \
	echo "make: the site was not built, see above; _build/book.log says all" >&2; exit 1; }
	@echo "The book is built: open _build/html/index.html, or type make serve."

epub: venv ## build the book as one EPUB file, into _build/downloads
	$(call install,requirements.txt)
	$(refresh)
	@echo "Making the EPUB, under half a minute ..."
	@rm -rf _build/epub && mkdir -p _build
	@$(BIN)/jupyter-book build . --builder custom --custom-builder epub -W -n --keep-going -q \
	> _build/epub.log 2>&1 || { \
	$(told) _build/epub.log >&2; \
	echo "make: the EPUB was not made, see above; _build/epub.log says all" >&2; exit 1; }
	@echo "The EPUB is in _build/downloads."

pdf: epub ## print the book as one PDF, into _build/downloads (needs Chromium)
	$(call install_all)
	@echo "Printing the PDF, under half a minute ..."
	@$(BIN)/python -m tashkent.site.carry.pdf
	@echo "The PDF is in _build/downloads."

downloads: pdf book ## build EPUB, PDF and the site that offers them

test: venv ## run every check: notebooks, style, tests
	$(call install_all)
	@echo "Notebooks: running them all again and comparing every output, up to three minutes ..."
	@$(if $(FOLDERS),$(BIN)/python -m pytest --nbval $(FOLDERS),echo "no notebooks yet")
	@echo "Style ..."
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "Tests, some minutes ..."
	@$(BIN)/python -m pytest tests -n logical --dist loadfile

# JupyterLab's announcements would ask another host for news and updates.
lab: venv ## open the chapters in JupyterLab
	$(call install_all)
	@$(BIN)/jupyter labextension disable --level=sys_prefix \
	@jupyterlab/apputils-extension:announcements > /dev/null 2>&1
	@$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/chapters \
	$(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS)

serve: ## show the built book on this machine (PORT=8000)
	@[ -f _build/html/index.html ] || { echo "make: no site in _build/html, make book first" >&2; exit 1; }
	@$(PYTHON) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || { \
	echo "make: port $(PORT) is taken, try make serve PORT=8001" >&2; exit 1; }
	@echo "The book is at http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@$(PYTHON) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

run: venv ## run all notebooks again and store their outputs
	$(call install,requirements.txt)
	@$(BIN)/python -m tashkent run --force $(ARGS)

check: venv ## find every fault of the tables in data/, and what changed since their release
	$(call install,requirements.txt)
	@$(BIN)/python -m tashkent check $(ARGS)

new: venv ## begin a chapter of your own (TITLE="..."; ARGS=--data: with its own table)
	$(call install,requirements.txt)
	@$(BIN)/python -m tashkent new "$$TITLE" $(ARGS)

agreement: venv ## compare the two codings into data/README.md (ARGS=sheets: those of a seminar)
	$(call install_all)
	@$(BIN)/python -m tashkent agreement $(ARGS)

mutants: venv ## break copies of the tables, write what is caught to appendix/rules.md
	$(call install,requirements.txt)
	@echo "Breaking the tables in many ways, some minutes ..."
	@$(BIN)/python -m tashkent mutants

release-data: venv ## record the tables as a version (VERSION=1.2.0; CHANGELOG.md has it)
	$(call install,requirements.txt)
	@$(BIN)/python -m tashkent release-data $(VERSION)

diff-data: venv ## say in words what changed in the data (REV=HEAD~5: since then; REV=A..B)
	$(call install,requirements.txt)
	@$(BIN)/python -m tashkent diff-data $(REV)

bench: venv ## measure the book, beside stock Jupyter Book and as it grows (needs Chromium, npm)
	$(call install_all)
	@echo "Measuring, some ten minutes; leave the machine alone meanwhile ..."
	@$(BIN)/python -m bench $(ARGS)

lighthouse: venv ## run Lighthouse on the built book (PAGES=all, or names; needs Chromium, npm)
	$(call install,requirements.txt)
	@$(BIN)/python -m bench lighthouse $(PAGES)

lock: venv ## lock the dependencies anew (ARGS=--upgrade: newest versions)
	$(call install_all)
	@echo "Locking the dependencies of pyproject.toml ..."
	@$(COMPILE) $(ARGS) -o requirements.txt pyproject.toml
	@$(COMPILE) $(ARGS) --extra test -c requirements.txt -o requirements-test.txt pyproject.toml

clean: ## remove what was built (.venv stays)
	rm -rf _build .pytest_cache .ruff_cache
