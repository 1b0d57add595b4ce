"""The same request on an empty history and on a long one: what is past costs nothing."""

import os
from collections.abc import Iterator

from django.db import connection

from benchmarks.clinic import open_clinic
from benchmarks.server import running
from benchmarks.slots import path, rounds
from benchmarks.table import Row

PAST = int(os.environ.get("HISTORY", "200000"))  # appointments; HISTORY=2000000 is the long form
PRACTITIONERS, DAYS = 50, 60
FILL = """
with person as (
    insert into inquiries_inquiry (id, created_at, status, preferred_language, time_zone, needs_help_now, contact_by,
        voicemail_ok, discreet, wants_call_back, consent_contact_at, consent_text_version, preferred_windows, source,
        activity_count, story_digest, closed_reason, set_aside)
    values (gen_random_uuid(), now(), 'open', 'en', 'America/New_York', 'no', '{}', false, false, false, now(), '',
        '[]', '{}', 0, '', '', '') returning id
)
insert into scheduling_appointment (id, inquiry_id, appointment_type_id, practitioner_id, status, reason, start, "end",
    occupied, time_zone, created_at, outcome, choice, version, sequence)
select gen_random_uuid(), person.id, (select min(id) from scheduling_appointmenttype), staff.id, 'fulfilled', '',
    at, at + interval '20 minutes', tstzrange(at, at + interval '30 minutes'), 'America/New_York', at, '', '', 1, 0
from person, (select id, row_number() over (order by id) as nth from scheduling_practitioner) staff,
    generate_series(1, %(each)s) number, lateral (select now() - number * interval '30 minutes' as at) moment
"""


def measure() -> Iterator[Row]:
    open_clinic(PRACTITIONERS)
    with running() as port:
        asked = {"slots": (path(DAYS), 8)}
        empty = rounds(port, asked)["slots"]
        with connection.cursor() as cursor:
            cursor.execute("set statement_timeout = 0")  # millions of rows take longer than a request may
            cursor.execute(FILL, {"each": PAST // PRACTITIONERS})
            cursor.execute("analyze scheduling_appointment")
        full = rounds(port, asked)["slots"]
    yield Row(
        figure=f"slots of {PRACTITIONERS} practitioners × {DAYS} days with {PAST:,} past calls, CPU",
        ours=f"{full.cpu_ms:.0f} ms",
        against=f"no history {empty.cpu_ms:.0f} ms",
        value=full.cpu_ms / empty.cpu_ms,
        at_most=1.5,
    )
