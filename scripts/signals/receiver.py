"""Receivers of signals: one that is pushed to (RFC 8935), and how they are fetched (RFC 8936)."""

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class PushReceiver:
    """Takes what is pushed to it, unless it is away: then nobody listens at its port."""

    def __init__(self, authorization):
        self.authorization, self.taken, self.headers = authorization, [], []
        self.lock = threading.Lock()
        self.server = None
        self.listen(0)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/events"

    def listen(self, port):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                well_formed = self.headers["Content-Type"] == "application/secevent+jwt" and (
                    self.headers["Accept"] == "application/json"
                )
                with receiver.lock:
                    # The same one twice is one.
                    if well_formed and body not in receiver.taken:
                        receiver.taken.append(body)
                        receiver.headers.append(self.headers["Authorization"])
                self.send_response(202 if well_formed else 400)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def go_away(self):
        self.server.shutdown()
        self.server.server_close()

    def come_back(self):
        self.listen(self.port)

    def wait_for(self, count):
        for _ in range(600):
            with self.lock:
                if len(self.taken) >= count:
                    return
            time.sleep(0.1)
        sys.exit(f"check-signals: {len(self.taken)} of {count} signals came")


def poll_all(poll):
    """Fetches until there is nothing more, a few at a time, acknowledging what has come."""
    sets, acknowledged = [], []
    while True:
        answer = poll({"maxEvents": 5, "returnImmediately": True, "ack": acknowledged})
        found = answer["sets"]
        sets.extend(found.values())
        acknowledged = list(found)
        if not found:
            return sets
