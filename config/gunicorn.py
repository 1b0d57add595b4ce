"""Gunicorn: a few processes of threads. What differs comes from HOST, PORT and WEB_WORKERS."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

_host = os.environ.get("HOST") or "127.0.0.1"
_port = os.environ.get("PORT") or "8000"

wsgi_app = "config.wsgi:application"
bind = [f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"]
workers = int(os.environ.get("WEB_WORKERS") or 2)
worker_class = "config.web_worker.Worker"
threads = 8
timeout = 30
graceful_timeout = 4  # the supervisor gives the whole stack ten seconds
keepalive = 5
control_socket_disable = True  # deadlocked at fork (benoitc/gunicorn#3529)
preload_app = False  # a pool of database connections doesn't survive the fork

# Each process counts for itself; /metrics adds up. Set before the application is imported, as prometheus-client wants.
_metrics = Path(tempfile.gettempdir()) / f"firstcall-metrics-{os.getpid()}"
raw_env = [f"PROMETHEUS_MULTIPROC_DIR={_metrics}"]


def on_starting(server: Any) -> None:
    _metrics.mkdir(mode=0o700, exist_ok=True)


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess  # not sooner: it looks for the folder when it is imported

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    shutil.rmtree(_metrics, ignore_errors=True)


accesslog = None  # links hold tokens: no request line is ever logged
errorlog = "-"
