"""Serve a built site as a static host does: compressed, cached for minutes, connections kept."""

import functools
import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")


class Handler(SimpleHTTPRequestHandler):
    """Answers with files, text as gzip, and adds up the bytes that it sends."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer one request; the server counts the body's bytes as they go over the wire."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        kind = self.guess_type(str(path))
        body, packed = compress(path.read_bytes(), kind)
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if packed else kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("Last-Modified", self.date_time_string(path.stat().st_mtime))
        if packed:
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        self.wfile.write(body)
        self.server.sent += len(body)

    def log_message(self, *_: object) -> None:
        """Keep silent."""


class Server(ThreadingHTTPServer):
    """Counts in `sent` the bytes of all bodies."""

    daemon_threads = True
    request_queue_size = 64
    sent = 0

    def handle_error(self, *_: object) -> None:
        """Keep silent: a browser that is closed breaks off what it asked for."""


@functools.lru_cache(maxsize=1000)
def compress(body: bytes, kind: str) -> tuple[bytes, bool]:
    """Compress a file's bytes if they are text; say whether they are compressed."""
    packed = kind.startswith(TEXT)
    return (gzip.compress(body, 6, mtime=0) if packed else body), packed


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve a folder on a free port of this machine; `address` says where."""
    with Server(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))) as server:
        server.address = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
