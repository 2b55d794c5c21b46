"""Run Lighthouse on the built site, served as a static host serves it; the median of some runs.

For whatever is below 100 the audits follow that cost something, with what they found.
"""

import json
import os
from pathlib import Path
from statistics import median

from bench import BenchError
from bench.serve import serving
from bench.tools import BUILD, MODULES, ROOT, chromium, install_modules, run
from tashkent.site.chromium import FLAGS

SITE = ROOT / "_build" / "html"
PRESETS = ("desktop", "mobile")
RUNS = 5


def main(arguments: list[str]) -> int:
    """Print the four scores of each page, desktop and mobile; RUNS in the environment: how many."""
    if not (SITE / "index.html").is_file():
        raise BenchError("no site in _build/html, make book first")
    pages = chosen(arguments)
    runs = int(os.environ.get("RUNS") or RUNS)
    browser = chromium()
    install_modules()
    print(f"Lighthouse, the median of {runs}: performance, accessibility, best practices, SEO")
    with serving(SITE) as server:
        for page in pages:
            for preset in PRESETS:
                reports = [report(server.address + page, preset, browser) for _ in range(runs)]
                print(*lines(page, preset, reports), sep="\n", flush=True)
    return 0


def chosen(names: list[str]) -> list[str]:
    """List the pages to look at: those named, `all`, or the landing page and the largest chapter.

    Raises
    ------
    BenchError
        Where a page is not in the site.
    """
    chapters = sorted((SITE / "chapters").glob("*.html"))
    if names == ["all"]:
        found = [SITE / "index.html", *chapters, *sorted((SITE / "appendix").glob("*.html"))]
    elif names:
        found = [SITE / Path(name).with_suffix(".html") for name in names]
    else:
        found = [SITE / "index.html", max(chapters, key=lambda path: path.stat().st_size)]
    for path in found:
        if not path.is_file():
            raise BenchError(f"no page {path.relative_to(SITE).as_posix()} in _build/html")
    return [path.relative_to(SITE).as_posix() for path in found]


def report(address: str, preset: str, browser: str) -> dict:
    """Run Lighthouse once on one address."""
    written = BUILD / "lighthouse.json"
    command = [MODULES / ".bin" / "lighthouse", address, "--quiet", "--output=json"]
    command += [f"--output-path={written}", f"--chrome-flags={' '.join(FLAGS)}"]
    command += ["--preset=desktop"] if preset == "desktop" else []
    run(command, CHROME_PATH=browser)
    found = json.loads(written.read_text(encoding="utf-8"))
    if error := found.get("runtimeError"):
        raise BenchError(f"{address}: {error['message']}")
    return found


def lines(page: str, preset: str, reports: list[dict]) -> list[str]:
    """Write the scores of one page, and under them what they lack."""
    categories = reports[0]["categories"]
    scores = {
        name: round(median(100 * r["categories"][name]["score"] for r in reports))
        for name in categories
    }
    written = [f"{page}, {preset}: {' / '.join(map(str, scores.values()))}"]
    for name in categories:
        if scores[name] == 100:
            continue
        # Audits without a weight change no score, but say where one that has a weight is lost.
        middle = sorted(reports, key=lambda r: r["categories"][name]["score"])[len(reports) // 2]
        for reference in middle["categories"][name]["auditRefs"]:
            audit = middle["audits"][reference["id"]]
            if reference.get("group") == "hidden" or audit["score"] in (None, 1):
                continue
            says = audit.get("displayValue") or audit["title"]
            costs = f"weight {reference['weight']}, score {audit['score']:.2f}"
            written.append(f"  {name}: {audit['id']}, {says} ({costs})")
    return written
