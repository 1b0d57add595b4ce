"""A mail server in a process of its own, so that its work is not ours: `python -m benchmarks.sink` prints its port."""

import logging
import signal

from tests.sink import SmtpSink

if __name__ == "__main__":
    logging.disable(logging.INFO)
    with SmtpSink() as sink:
        print(sink.port, flush=True)
        signal.pause()
