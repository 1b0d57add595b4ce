"""A clinic of any size on an empty database, and the CPU that serving it takes."""

import os
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from scheduling.management.commands.seed_demo import WEEKDAYS
from scheduling.models import AppointmentType, Practitioner, WorkingHours

TICK = os.sysconf("SC_CLK_TCK")


def clear() -> None:
    """Empty every table; the logs' guards against TRUNCATE are lifted on this throw-away database."""
    with connection.cursor() as cursor:
        cursor.execute("alter table inquiries_activity disable trigger activity_never_truncated")
        cursor.execute("alter table inquiries_accountevent disable trigger account_trail_never_truncated")
        cursor.execute("alter table scheduling_export disable trigger export_never_truncated")
    call_command("flush", verbosity=0, interactive=False)


def open_clinic(practitioners: int) -> AppointmentType:
    clear()
    people = Practitioner.objects.bulk_create(
        Practitioner(name=f"P{n}", languages=["en"]) for n in range(practitioners)
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(practitioner=who, weekday=day, start_minute=540, end_minute=1020)
        for who in [None, *people]
        for day in WEEKDAYS
    )
    return AppointmentType.objects.create(slug="screening-call", name="Call", horizon_days=90, notice_minutes=0)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children, living and ended."""
    own = _ticks(pid)
    return sum(own) / TICK + sum(cpu_seconds(child) for child in _children(pid))


def _ticks(pid: int) -> list[int]:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return [0]
    return [int(field) for field in fields[11:15]]


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def postmaster() -> int:
    """The pid of the database server's main process, which is on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = cursor.fetchone()[0]
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
