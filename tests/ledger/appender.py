"""A program that stores requests and says which were accepted, until somebody kills it."""

from __future__ import annotations

import argparse
import resource
import signal
import threading
from itertools import count

from tests.ledger.stores import DAY, OFFICER, opened

from sito.errors import LedgerError
from sito.ledger import Event

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("name")
parser.add_argument("--count", type=int)
parser.add_argument("--threads", type=int, default=4)
parser.add_argument("--file-size-max", type=int, default=0)
options = parser.parse_args()
numbers = count()
lock = threading.Lock()

with opened(options.url) as ledger:
    print("ready", flush=True)
    if options.file_size_max:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (options.file_size_max, options.file_size_max))

    def run() -> None:
        while (number := next(numbers)) < options.count:
            request_id = f"{options.name}-{number}"
            events = [Event("tested", f"case:{number % 7}", {"n": number}, {"name": "x" * 200}), Event("tested", "all")]
            try:
                ledger.transact(lambda _, events=events: events, request_id=request_id, caller=OFFICER, at=DAY)
            except LedgerError as error:
                with lock:
                    print(error, flush=True)
                return
            with lock:
                print(f"ok {request_id}", flush=True)

    threads = [threading.Thread(target=run) for _ in range(options.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
