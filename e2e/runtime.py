"""Lambda's runtime API for one program, to measure how fast it starts and answers.

The emulator has one, too, but each message of its own waits some 40 ms in the network's buffers
(Nagle's algorithm), which is a hundred times what the program takes.
"""

import http.server
import json
import queue
import statistics
import subprocess
import threading
import time

EVENT = {"operation": "health"}


class _Requests(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):  # the program asks for an event
        self.server.asked.put(time.monotonic())
        event = self.server.events.get()
        if event is None:  # the program has been stopped
            self.close_connection = True
            return
        text = json.dumps(event).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "request-1")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn",
                         "arn:aws:lambda:us-east-1:111111111111:function:measured")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):  # the program answers
        if "Content-Length" in self.headers:
            text = self.rfile.read(int(self.headers["Content-Length"]))
        else:
            text = b"".join(self._chunks())
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.answers.put(json.loads(text))

    def _chunks(self):
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Requests)
        self.asked, self.events, self.answers = queue.Queue(), queue.Queue(), queue.Queue()

    def handle_error(self, *_):
        pass  # a program that is stopped leaves its connection


def measure(program, starts=5, answers=20, event=EVENT):
    """Milliseconds until a program asks for its first event, and until it has answered one."""
    init, warm = [], []
    for _ in range(starts):
        with _Server() as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            started = time.monotonic()
            process = subprocess.Popen([program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=_environment(server.server_port))
            try:
                init.append(server.asked.get(timeout=30) - started)
                for number in range(answers):
                    sent = time.monotonic()
                    server.events.put(event)
                    answer = server.answers.get(timeout=30)
                    assert "error" not in answer, answer
                    # The first makes connections and reads certificates.
                    warm += [time.monotonic() - sent] if number else []
            finally:
                process.kill()
                process.wait()
                server.events.put(None)
                server.shutdown()
    return statistics.median(init) * 1000, statistics.median(warm) * 1000


def _environment(port):
    return {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "measured", "AWS_SECRET_ACCESS_KEY": "measured",
        "AWS_LAMBDA_FUNCTION_NAME": "measured", "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "measured", "AWS_LAMBDA_LOG_STREAM_NAME": "measured",
    }
