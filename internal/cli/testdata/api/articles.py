"""Articles behind a login: an API for the tests of tussle.

The version of an article stands in its body and has to be sent back with a
change; a change of anything but the newest version is refused with 409 and a
problem (RFC 9457). Ids are the server's. A token lives for --token-ms.

With --race the planted defect is there: the version is checked, then time
passes, and the article is written whatever happened meanwhile. Without it one
lock covers both.
"""

import argparse
import json
import os
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PASSWORD = os.environ.get("ARTICLES_PASSWORD", "")
articles, tokens, lock, logins = {}, {}, threading.Lock(), 0


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self, status, doc=None, kind="application/json", **headers):
        body = b"" if doc is None else json.dumps(doc).encode()
        self.send_response(status)
        if body:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def problem(self, status, name, **more):
        doc = {"type": "https://articles.example/problems/" + name, "title": name, "status": status}
        self.answer(status, doc | more, "application/problem+json")

    def document(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

    def user(self):
        with lock:
            name, until = tokens.get((self.headers.get("Authorization") or "")[7:], (None, 0))
        return name if time.monotonic() < until else None

    def dispatch(self):
        global logins
        doc = self.document()
        if self.path == "/healthz":
            return self.answer(200, {"up": True, "logins": logins})
        if self.path == "/login":
            if not PASSWORD or doc.get("password") != PASSWORD:
                return self.problem(403, "wrong-password", user=doc.get("user"))
            token = secrets.token_urlsafe(24)
            with lock:
                logins += 1
                tokens[token] = (doc["user"], time.monotonic() + options.token_ms / 1000)
            return self.answer(200, {"access_token": token, "token_type": "bearer"})
        if self.user() is None:
            return self.problem(401, "token-expired")
        if self.path == "/articles" and self.command == "POST":
            with lock:
                number = len(articles) + 1000
                articles[number] = {"id": number, "title": doc["title"], "stock": doc["stock"], "editor": None, "version": 1}
            return self.answer(201, articles[number], Location="/articles/%d" % number)
        return self.article(doc)

    def article(self, doc):
        number = int(self.path.rpartition("/")[2])
        with lock:
            now = articles.get(number)
        if now is None:
            return self.problem(404, "no-such-article")
        if self.command == "GET":
            return self.answer(200, now)
        if self.command == "DELETE":
            with lock:
                articles[number] = None
            return self.answer(204)
        if not options.race:
            lock.acquire()
        try:
            now = articles[number]
            if doc.get("version") != now["version"]:
                return self.problem(409, "edit-conflict", current=now["version"])
            if options.race:
                time.sleep(options.gap_ms / 1000)
            new = now | {k: doc[k] for k in ("title", "stock", "editor")} | {"version": now["version"] + 1}
            articles[number] = new
        finally:
            if not options.race:
                lock.release()
        return self.answer(200, new)

    do_GET = do_PUT = do_POST = do_DELETE = dispatch

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 256


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--race", action="store_true")
parser.add_argument("--gap-ms", type=float, default=3)
parser.add_argument("--token-ms", type=float, default=300)
options = parser.parse_args()
Server(("127.0.0.1", options.port), Api).serve_forever()
