"""The desk's pages with a hundred thousand inquiries behind them: the time of one request in the server."""

import os
import time
from collections.abc import Iterator
from statistics import median

from django.conf import settings
from django.db import connection
from django.test import Client

from benchmarks.clinic import open_clinic
from benchmarks.table import Row
from tests.factories import a_staff_member

PAST = int(os.environ.get("INQUIRIES", "100000"))
PRACTITIONERS, ROUNDS, GOAL_MS = 5, 25, 60
# A busy clinic: 25 wait for a first contact, 2,500 are open, and who is not new has had a call, or has one in the next
# five days; each of five people takes one every two hours.
FILL = """
with person as (
    insert into inquiries_inquiry (id, created_at, status, closed_at, preferred_language, time_zone, needs_help_now,
        contact_by, voicemail_ok, discreet, wants_call_back, consent_contact_at, consent_text_version,
        preferred_windows, source, activity_count, story_digest, closed_reason, set_aside)
    select gen_random_uuid(), at, state, case when state = 'closed' then at end,
        case when number %% 3 = 0 then 'es' else 'en' end, 'America/New_York', 'no', '{}', false, false, false, at, '',
        '[]', case when number %% 5 = 0 then '{"utm_source": "radio"}' else '{}' end::jsonb, 0, '',
        case when state = 'closed' then 'settled' else '' end, ''
    from generate_series(1, %(past)s) number,
        lateral (select now() - number * interval '7 minutes' as at,
            case when number %% 4000 = 0 then 'new' when number %% 40 = 0 then 'open' else 'closed' end as state) facts
    returning id, created_at, status
), known as (
    insert into inquiries_contact (inquiry_id, given_name, family_name, preferred_name, email, phone, email_index,
        phone_index, name_indexes)
    select id, '', '', '', '', '', md5(id::text), '', '{}' from person
)
insert into scheduling_appointment (id, inquiry_id, appointment_type_id, practitioner_id, status, reason, start, "end",
    occupied, time_zone, created_at, outcome, choice, version, sequence)
select gen_random_uuid(), numbered.id, (select min(id) from scheduling_appointmenttype), staff.id,
    case when at > now() then 'booked' else 'fulfilled' end, '', at, at + interval '20 minutes',
    tstzrange(at, at + interval '30 minutes'), 'America/New_York', created_at, '', '', 1, 0
from (select *, row_number() over (order by created_at desc) as nth from person where status <> 'new') numbered
join (select id, row_number() over (order by id) - 1 as seat from scheduling_practitioner) staff
    on staff.seat = numbered.nth %% %(staff)s,
    lateral (select date_trunc('hour', now()) + interval '5 days' - (nth / %(staff)s) * interval '2 hours' as at
    ) moment
"""
PAGES = {
    "queue": "/desk/",
    "calendar, a week": "/desk/calendar/?view=week",
    "calls": "/desk/calls/",
    "inquiries": "/desk/inquiries/",
    "inquiries, unanswered and nobody's": "/desk/inquiries/?status=unanswered&assigned=nobody",
    "inquiries, from a campaign, without a call": "/desk/inquiries/?source=radio&call=none",
    "inquiries, a year back": "",
}


def measure() -> Iterator[Row]:
    open_clinic(PRACTITIONERS)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"past": PAST, "staff": PRACTITIONERS})
        cursor.execute("analyze")
        cursor.execute("select created_at, id from inquiries_inquiry order by created_at offset 1 limit 1")
        moment, pk = cursor.fetchone()
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(a_staff_member("dana"))
    for name, path in PAGES.items():
        spent = milliseconds(client, path or f"/desk/inquiries/?after={moment:%Y-%m-%dT%H:%M:%S}%2B00:00_{pk}")
        yield Row(
            figure=f"{name}, {PAST:,} inquiries, median in the server",
            ours=f"{spent:.0f} ms",
            against=f"{GOAL_MS} ms",
            value=spent / GOAL_MS,
            at_most=1,
        )


def milliseconds(client: Client, path: str) -> float:
    """The median of one request, after some that warm up. Raises RuntimeError on any answer but 200."""
    took = []
    for _ in range(ROUNDS + 3):
        began = time.perf_counter()
        answer = client.get(path)
        took.append(1000 * (time.perf_counter() - began))
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    return median(took[3:])
