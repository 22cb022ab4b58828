"""Whole documents with If-Match: an API for the tests of tussle. It is sound.

A PUT replaces the document, so it has to be complete and must not hold what
is the server's own (links). The number under test is three levels deep.
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

documents, lock = {}, threading.Lock()


def complete(doc):
    try:
        return (set(doc) == {"name", "store", "audit"} and set(doc["store"]) == {"city", "shelf"}
                and set(doc["store"]["shelf"]) == {"row", "units"} and isinstance(doc["store"]["shelf"]["units"], int)
                and doc["store"]["city"] == "Oslo" and doc["store"]["shelf"]["row"] == 7)
    except TypeError:
        return False


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self, status, doc=None, version=None):
        body = b"" if doc is None else json.dumps(doc).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        if version is not None:
            self.send_header("ETag", '"%d"' % version)
        self.end_headers()
        self.wfile.write(body)

    def dispatch(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("X-Api-Key") not in ("key-of-ada", "key-of-bob"):
            return self.answer(401, {"error": "no key"})
        key = self.path.rpartition("/")[2]
        with lock:
            version, text = documents.get(key, (0, None))
            if self.command == "GET":
                if text is None:
                    return self.answer(404, {"error": "no document"})
                return self.answer(200, json.loads(text) | {"links": {"self": self.path}}, version)
            if self.command == "DELETE":
                documents.pop(key, None)
                return self.answer(204)
            doc = json.loads(body)
            if not complete(doc):
                return self.answer(422, {"error": "the document is not whole"})
            match = self.headers.get("If-Match")
            if self.command == "POST":
                match = '"%d"' % version  # a reset asks nothing
            if match is None:
                return self.answer(428, {"error": "If-Match is missing"})
            if match != '"%d"' % version:
                return self.answer(412, {"error": "somebody was faster"})
            documents[key] = (version + 1, json.dumps(doc))
        self.answer(200, None, version + 1)

    do_GET = do_PUT = do_POST = do_DELETE = dispatch

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 256


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
Server(("127.0.0.1", parser.parse_args().port), Api).serve_forever()
