"""The command `jupyter-book` as it is without this project: `python bench/plain.py build FOLDER`.

MyST-NB finds the project's renderers of charts and widgets through entry points, in any book that
is built in this environment. Here it is handed none of them; all else is the command itself.
"""

import sys

from jupyter_book.cli.main import main
from myst_nb.core import render

render.load_mime_renders = list

if __name__ == "__main__":
    sys.exit(main())
