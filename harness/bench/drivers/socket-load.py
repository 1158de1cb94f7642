# SPDX-License-Identifier: Apache-2.0
"""Closed loops over sockets, one thread for each, for what no load generator here can do; what is asked and answered stands in socket-load.ts.

Its one argument is what to do, as JSON. It writes what came of it as one line of JSON.
"""
import base64
import json
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time
from collections import Counter

WAIT_SECONDS = 2
PAUSE_SECONDS = 0.01
MOST_AT_ONCE = 65536
MOST_REASONS = 5
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Wrong(Exception):
    """An answer that is not the right one."""


class Task:
    """What all loops do."""

    def __init__(self, given):
        self.address = (given["address"], given["port"])
        self.family = socket.AF_INET6 if ":" in given["address"] else socket.AF_INET
        self.host, self.bytes, self.work = given["host"], given["bytes"], given["work"]
        self.resumes = bool(given.get("resumes"))
        self.context = self.tls_context(given.get("tls"))
        closing = "connection: close\r\n" if self.work == "handshakes" else ""
        self.request = f"GET {given['path']} HTTP/1.1\r\nhost: {self.host}\r\n{closing}\r\n".encode()
        key = base64.b64encode(os.urandom(16)).decode()
        self.upgrade = (
            f"GET {given['path']} HTTP/1.1\r\nhost: {self.host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
            f"sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\r\n"
        ).encode()
        message, mask = os.urandom(self.bytes), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(message))
        self.frame, self.echo = frame_head(self.bytes, 0x80) + mask + masked, frame_head(self.bytes, 0) + message
        self.until = 0.0

    @staticmethod
    def tls_context(tls):
        if tls is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if "certificate" in tls:
            context.load_cert_chain(tls["certificate"], tls["key"])
        return context


def frame_head(length, mask_bit):
    """A whole binary message (RFC 6455, 5.2)."""
    if length < 126:
        return struct.pack("!BB", 0x82, mask_bit | length)
    return struct.pack("!BBH", 0x82, mask_bit | 126, length)


class Loop(threading.Thread):
    """One connection at a time, and one thing under way on it."""

    def __init__(self, task, start):
        super().__init__(daemon=True)
        self.task, self.start_line = task, start
        self.step = self.handshake if task.work == "handshakes" else self.exchange
        self.connection = self.session = None
        self.done = self.failed = self.reached = self.resumed = 0
        self.reasons, self.latency = Counter(), Counter()
        self.ended = 0.0

    def run(self):
        try:
            self.prepare()
        except (OSError, Wrong):
            self.close()  # The loop meets it again, and counts it.
        self.start_line.wait()
        while time.perf_counter() < self.task.until:
            begun = time.perf_counter_ns()
            try:
                self.step()
                self.latency[(time.perf_counter_ns() - begun) // 1000] += 1
                self.done += 1
            except (OSError, Wrong) as reason:
                self.failed += 1
                self.reasons[f"{type(reason).__name__}: {reason}"] += 1
                self.close()
                time.sleep(PAUSE_SECONDS)
        self.ended = time.perf_counter()
        self.close()

    def prepare(self):
        """Comes before what is measured: kept connections, and a first session."""
        if self.task.work == "handshakes":
            if self.task.resumes:
                self.handshake()
                self.resumed = 0
        else:
            self.connection = self.open_kept()

    def open(self):
        made = socket.socket(self.task.family, socket.SOCK_STREAM)
        try:
            # A timeout of Python's own would ask the kernel twice for each answer.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", WAIT_SECONDS, 0))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.connect(self.task.address)
            self.reached += 1
            context = self.task.context
            if context is None:
                return made
            return context.wrap_socket(made, server_hostname=self.task.host, session=self.session)
        except BaseException:
            made.close()
            raise

    def open_kept(self):
        made = self.open()
        if self.task.work == "messages":
            made.sendall(self.task.upgrade)
            head = b""
            while b"\r\n\r\n" not in head:
                head += received(made, MOST_AT_ONCE)
            if not head.startswith(b"HTTP/1.1 101"):
                made.close()
                raise Wrong(first_line(head))
        return made

    def exchange(self):
        if self.connection is None:
            self.connection = self.open_kept()
        if self.task.work == "requests":
            self.connection.sendall(self.task.request)
            self.read_answer(self.connection)
        else:
            self.connection.sendall(self.task.frame)
            echo = received(self.connection, len(self.task.echo))
            while len(echo) < len(self.task.echo):
                echo += received(self.connection, len(self.task.echo) - len(echo))
            if echo != self.task.echo:
                raise Wrong("another message came back")

    def handshake(self):
        """As `openssl s_time` does it: a connection, a request, and its answer to the end of the connection."""
        self.connection = self.open()
        is_resumed = self.connection.session_reused
        self.connection.sendall(self.task.request)
        self.read_answer(self.connection)
        while self.connection.recv(MOST_AT_ONCE):
            pass
        if self.task.resumes:
            self.session = self.connection.session
        self.connection.close()
        self.connection = None
        # Of those that were done, as they alone are counted.
        self.resumed += is_resumed

    def read_answer(self, connection):
        answer = received(connection, MOST_AT_ONCE)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += received(connection, MOST_AT_ONCE)
        length = CONTENT_LENGTH.search(answer, 0, end + 2)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise Wrong(first_line(answer))
        if length is None or int(length[1]) != self.task.bytes:
            raise Wrong("an answer of another length")
        missing = end + 4 + self.task.bytes - len(answer)
        while missing > 0:
            missing -= len(received(connection, missing))

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def received(connection, most):
    chunk = connection.recv(most)
    if not chunk:
        raise Wrong("the connection was closed")
    return chunk


def first_line(answer):
    return answer.split(b"\r\n", 1)[0].decode("latin-1")


def give_up(died):
    """The others would wait for a loop that died."""
    sys.excepthook(died.exc_type, died.exc_value, died.exc_traceback)
    os._exit(1)


def main():
    threading.excepthook = give_up
    given = json.loads(sys.argv[1])
    task = Task(given)
    begun = 0.0

    def begin():
        nonlocal begun
        begun = time.perf_counter()
        task.until = begun + given["seconds"]

    # Whoever comes last starts the clock.
    start = threading.Barrier(given["connections"], action=begin)
    loops = [Loop(task, start) for _ in range(given["connections"])]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    latency = sum((loop.latency for loop in loops), Counter())
    reasons = sum((loop.reasons for loop in loops), Counter())
    result = {
        **{field: sum(getattr(loop, field) for loop in loops) for field in ("done", "failed", "reached", "resumed")},
        "microseconds": round(1e6 * (max(loop.ended for loop in loops) - begun)),
        "reasons": dict(reasons.most_common(MOST_REASONS)),
        "latency": sorted(latency.items()),
    }
    print(json.dumps(result))


main()
