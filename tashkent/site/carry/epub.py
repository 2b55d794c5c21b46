"""Pack pages, pictures and their description as an EPUB 3, the same bytes each time."""

import html
import uuid
import zipfile
from pathlib import Path

#: Archives hold a time for each entry; this one is the earliest that they can.
_NO_TIME = (1980, 1, 1, 0, 0, 0)

_MEDIA = {
    ".xhtml": "application/xhtml+xml",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}

_CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""

#: What those who read by ear or by touch want to know before they open a book.
_ACCESS = {
    "accessMode": ["textual", "visual"],
    "accessModeSufficient": ["textual"],
    "accessibilityFeature": [
        "alternativeText",
        "readingOrder",
        "structuralNavigation",
        "tableOfContents",
    ],
    "accessibilityHazard": ["none"],
    "accessibilitySummary": [
        "Every chart has a description and its data as a table; headings and links lead through "
        "the book."
    ],
}


def pack(path: Path, files: dict[str, bytes], spine: list[str], about: dict) -> None:
    """Write an EPUB.

    Parameters
    ----------
    path : pathlib.Path
        Where to.
    files : dict of str to bytes
        Everything in it, by its path inside; `nav.xhtml` is the contents.
    spine : list of str
        The pages in reading order.
    about : dict
        As `CITATION.cff` has it: title, authors, version, license, date-released, abstract.
    """
    entries = {"META-INF/container.xml": _CONTAINER.encode()}
    entries["book.opf"] = _package(sorted(files), spine, about).encode()
    entries |= {name: files[name] for name in sorted(files)}
    with zipfile.ZipFile(path, "w") as archive:
        _add(archive, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
        for name, content in entries.items():
            _add(archive, name, content, zipfile.ZIP_DEFLATED)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, compression: int) -> None:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # else the archive tells on what system it was made
    archive.writestr(entry, content)


def _package(names: list[str], spine: list[str], about: dict) -> str:
    """Write the package document: what the book is, what it holds, in what order."""
    ids = {name: f"item-{number}" for number, name in enumerate(names, start=1)}
    nav = {"nav.xhtml": ' properties="nav"'}
    items = [
        f'<item id="{ids[name]}" href="{html.escape(name)}"'
        f' media-type="{_MEDIA[Path(name).suffix]}"{nav.get(name, "")}/>'
        for name in names
    ]
    refs = [f'<itemref idref="{ids[name]}"/>' for name in spine]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book"'
            f' xml:lang="{about["language"]}">',
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">',
            *_metadata(about),
            "</metadata>",
            "<manifest>",
            *items,
            "</manifest>",
            "<spine>",
            *refs,
            "</spine>",
            "</package>\n",
        ]
    )


def _metadata(about: dict) -> list[str]:
    """List what the package says of itself; one title has one identifier in all its editions."""
    identifier = uuid.uuid5(uuid.NAMESPACE_OID, about["title"]).urn
    day = about["date-released"]
    return [
        f'<dc:identifier id="book">{identifier}</dc:identifier>',
        f"<dc:title>{html.escape(about['title'])}</dc:title>",
        *(f"<dc:creator>{html.escape(a['name'])}</dc:creator>" for a in about["authors"]),
        f"<dc:language>{about['language']}</dc:language>",
        f"<dc:date>{day}</dc:date>",
        f"<dc:rights>{html.escape(about['rights'])}</dc:rights>",
        f'<meta property="dcterms:modified">{day}T00:00:00Z</meta>',
        f'<meta property="schema:version">{about["version"]}</meta>',
        *(
            f'<meta property="schema:{name}">{value}</meta>'
            for name, values in _ACCESS.items()
            for value in values
        ),
    ]
