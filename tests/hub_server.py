"""A server that speaks as much of a hub's protocol as pushing a data set takes, and keeps what it is sent."""

import base64
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

COMMIT = "0" * 39 + "1"


class HubServer:
    """files: what the repository holds, by path. private: by repository. refuses: whatever is asked."""

    def __init__(self, refuses: bool = False) -> None:
        self.files: dict[str, bytes] = {"stale.txt": b"of an earlier push"}
        self.private: dict[str, bool] = {}
        self.messages: list[str] = []
        self.refuses = refuses
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: object) -> None:
                """Quiet."""

            def do_GET(self) -> None:
                self.say(hub.answer(self.path, self.headers["Authorization"] or "", b""))

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"] or 0))
                self.say(hub.answer(self.path, self.headers["Authorization"] or "", sent))

            def say(self, answer: tuple[int, Any]) -> None:
                status, told = answer
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, token: str, sent: bytes) -> tuple[int, Any]:
        if self.refuses or token != "Bearer hf_token":
            return 401, {"error": "Invalid credentials"}
        if path == "/api/repos/create":
            asked = json.loads(sent)
            repository = f"{asked['organization']}/{asked['name']}"
            self.private[repository] = asked["visibility"] == "private"
            return 200, {"url": f"{self.url}/datasets/{repository}"}
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if path.endswith("/preupload/main"):
            files = json.loads(sent)["files"]
            return 200, {
                "files": [{"path": one["path"], "uploadMode": "regular", "shouldIgnore": False} for one in files]
            }
        if path.endswith("/commit/main"):
            self.take(sent)
            return 200, {"commitUrl": f"{self.url}/datasets/team/pairs/commit/{COMMIT}", "commitOid": COMMIT}
        if re.match(r"/api/datasets/[^/]+/[^/]+/tree/main", path):
            return 200, [
                {"type": "file", "path": name, "size": len(content), "oid": COMMIT}
                for name, content in self.files.items()
            ]
        if re.fullmatch(r"/api/datasets/[^/]+/[^/]+(/revision/main)?(\?.*)?", path):
            return 200, {"id": "team/pairs", "sha": COMMIT, "siblings": [{"rfilename": name} for name in self.files]}
        return 404, {"error": f"nothing at {path}"}

    def take(self, sent: bytes) -> None:
        """A commit: JSON Lines, each with a key that says what it is."""
        for line in sent.splitlines():
            said = json.loads(line)
            value = said["value"]
            if said["key"] == "header":
                self.messages.append(value["summary"])
            elif said["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif said["key"] == "deletedFile":
                del self.files[value["path"]]
