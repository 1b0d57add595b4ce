"""Makes the peer's tables, one staff member at work nine to five on every day, and clients who are signed in.

Prints `{service, staff, sessions}` as JSON.
"""

import datetime as dt
import json
import sys

import django


def main(clients: int) -> None:
    django.setup()
    from appointment.models import Service, StaffMember, WorkingHours
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", run_syncdb=True, verbosity=0)
    service = Service.objects.create(name="Call", duration=dt.timedelta(minutes=20), price=0)
    staff = StaffMember.objects.create(user=User.objects.create(username="staff"), slot_duration=20)
    staff.services_offered.add(service)
    for day in range(7):
        WorkingHours.objects.create(staff_member=staff, day_of_week=day, start_time=dt.time(9), end_time=dt.time(17))
    sessions = []
    for number in range(clients):
        email = f"client{number}@example.com"
        client = Client()
        client.force_login(User.objects.create(username=email, email=email, first_name="Ana"))
        sessions.append(client.cookies["sessionid"].value)
    print(json.dumps({"service": service.pk, "staff": staff.pk, "sessions": sessions}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
