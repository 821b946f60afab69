"""A server with one project, all of whose runs began in the same microsecond, and a pull that measures itself.

    python -m tests.history.pull.flood URL FOLDER

Pulls, and prints the largest size that the process had, in MB, and the report.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import orjson
from langsmith import Client

from langchain_respmeta.history import pull_runs
from tests.history.pull.seeds import FIRST, seeded_run

PROJECT = {
    "id": "01980000-0000-7000-8000-000000000001",
    "tenant_id": "01980000-0000-7000-8000-000000000002",
    "name": "flood",
    "start_time": FIRST.isoformat(),
    "reference_dataset_id": None,
}


@contextmanager
def flood(count: int, size: int) -> Iterator[str]:
    """The address of a server with `count` runs of about `size` bytes each."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Silent."""

        def do_GET(self) -> None:
            self._answer(orjson.dumps([PROJECT] if "sessions" in self.path else {}))

        def do_POST(self) -> None:
            query = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
            inside = query["min_start_time"] <= FIRST.isoformat() <= query["max_start_time"]
            at = int(query.get("cursor", 0))
            end = min(count, at + query["page_size"]) if inside else at
            following = b'"%d"' % end if inside and end < count else b"null"
            items = b",".join(run_number(number, size) for number in range(at, end))
            self._answer(b'{"items":[' + items + b'],"next_cursor":' + following + b"}")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_RUN = {
    **seeded_run("flood", FIRST, id="ID", outputs={"text": "TEXT"}),
    "status": "SUCCESS",
    "run_type": "LLM",
    "project_id": PROJECT["id"],
    "parent_run_ids": [],
}
_HEAD, _MIDDLE, _TAIL = (
    part for piece in orjson.dumps(_RUN).split(b'"ID"', 1) for part in piece.rsplit(b"TEXT", 1)
)


def run_number(number: int, size: int) -> bytes:
    """One of the runs; every eighth is much larger."""
    text = b"%09d" % number * (size // 9 * (4 if number % 8 == 0 else 1))
    return b'%b"01980000-0000-7000-8000-%012d"%b%b%b' % (_HEAD, number, _MIDDLE, text, _TAIL)


def main() -> None:
    url, folder = sys.argv[1:]
    client = Client(api_url=url, api_key="any", auto_batch_tracing=False)
    report = pull_runs("flood", folder, client=client, since=FIRST, until=FIRST + timedelta(hours=1))
    print(json.dumps({"peak_mb": peak_mb(), "report": report.to_dict()}))


def peak_mb() -> int:
    """The largest size of this process; that of `resource` begins with what the parent had."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


if __name__ == "__main__":
    main()
