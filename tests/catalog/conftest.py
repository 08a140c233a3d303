"""A server on this machine, and archives for it to serve."""

import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ksfeat.catalog import CatalogEntry


@dataclass
class Served:
    """What a server on this machine answers, and how often it was asked."""

    url: str
    content: bytes = b""
    claimed: int | None = None
    status: int = 200
    asked: list[str] = field(default_factory=list)

    def entry(self, **facts) -> CatalogEntry:
        facts = {"title": "Tiny", "modality": "CT", "access": "open", "url": self.url} | facts
        return CatalogEntry("tiny", **facts)


@pytest.fixture
def server() -> Iterator[Served]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            self.send_response(served.status)
            length = len(served.content) if served.claimed is None else served.claimed
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(served.content)

        def log_message(self, *_) -> None:
            """Say nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        served = Served(f"http://127.0.0.1:{http.server_port}/tiny.zip", zipped(GOOD))
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield served
        http.shutdown()
        thread.join()


GOOD = {"tiny/stone/a.txt": b"one", "tiny/nostone/b.txt": b"two"}


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


@pytest.fixture
def places(tmp_path) -> dict:
    """Where archives and hashes are kept."""
    return {"cache": tmp_path / "cache", "lock": tmp_path / "data" / "lock.json"}
