"""What can be taken along: the data as files, the book as EPUB and PDF, the page that offers them.

`jupyter-book build . --builder custom --custom-builder epub` writes the EPUB, and beside it one
page that `python -m tashkent.site.carry.pdf` prints with Chromium.
"""

from sphinx.application import Sphinx

from tashkent.site.carry import book, downloads


def setup(app: Sphinx) -> None:
    """Register the builder, the directive `downloads` and what fills it."""
    app.connect("config-inited", book.describe)
    app.add_builder(book.CarriedBook, override=True)
    app.add_post_transform(book.PictureFiles)
    app.add_directive("downloads", downloads.Downloads)
    app.add_post_transform(downloads.FillDownloads)
    app.connect("env-updated", downloads.prepare_page)
    app.connect("build-finished", downloads.place)
