"""Reminders that are not between a minute and 31 days before a call go: nobody could be reminded by them."""

from django.db import migrations

DROP = """
update scheduling_appointmenttype set reminder_offsets_minutes = array(
    select minutes from unnest(reminder_offsets_minutes) with ordinality as given (minutes, place)
    where minutes between 1 and 44640 order by place
)
where not int4range(1, 44641) @> all (reminder_offsets_minutes)
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0011_calendars_read_at_an_address")]

    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
