"""Threat feeds of our own: recordings in the form that the services document, served by this machine."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "0123456789abcdef-a-key-of-ours"
V4 = "9.9.9.9"


def abuse(score: object, reports: object = 7) -> bytes:
    data = {
        "ipAddress": V4,
        "isPublic": True,
        "ipVersion": 4,
        "isWhitelisted": None,
        "abuseConfidenceScore": score,
        "countryCode": "CH",
        "usageType": "Data Center/Web Hosting/Transit",
        "isp": "Example",
        "domain": "example.org",
        "hostnames": [],
        "isTor": False,
        "totalReports": reports,
        "numDistinctUsers": 2,
        "lastReportedAt": "2025-01-02T03:04:05+00:00",
    }
    return json.dumps({"data": data}).encode()


def otx(count: object, validation: object = ()) -> bytes:
    general = {
        "indicator": V4,
        "type": "IPv4",
        "reputation": 0,
        "validation": validation,
        "pulse_info": {"count": count, "pulses": [{"name": "Example"}], "references": []},
        "sections": ["general", "geo"],
    }
    return json.dumps(general).encode()


class Service:
    """A web server that answers as it is told and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.released = threading.Event()
        self.answer(b"{}")
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append((self.path, dict(self.headers)))
                try:
                    service.reply(self)
                except OSError:  # the asker has gone
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}/api"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def answer(self, content: bytes, code: int = 200, **headers: str) -> None:
        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(code)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)

        self.reply = reply

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
