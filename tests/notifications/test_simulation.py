"""A few simulated days keep every promise, and a product with a fault in it does not. `make soak` has the long form."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from inquiries.models import Inquiry
from notifications import claiming, plan
from notifications.facts import Scope
from notifications.simulation import scratch

pytestmark = pytest.mark.django_db(transaction=True)


def simulate(*, days: int, seed: int, people: int = 4) -> tuple[int, str]:
    """Exit code, and what was printed."""
    said = StringIO()
    try:
        call_command("simulate", days=days, seed=seed, people=people, stdout=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


@pytest.fixture
def databases() -> Callable[[], list[str]]:
    """The names of the simulations' databases that are there now."""

    def names() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("select datname from pg_database where datname like %s", [scratch.PREFIX + "%"])
            return [name for (name,) in cursor.fetchall()]

    return names


def test_simulated_days_with_faults_keep_every_promise(databases: Callable[[], list[str]]) -> None:
    before = databases()

    code, said = simulate(days=3, seed=1)

    assert said.endswith("0 promises broken, seed 1\n"), said
    assert code == 0
    assert databases() == before
    assert not Inquiry.objects.exists(), "nothing of it is in the clinic's own database"


def test_a_plan_that_forgets_an_expiry_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(plan.TABLE, "appointment.expired", (lambda case: [], Scope.APPOINTMENT))

    code, said = simulate(days=2, seed=1, people=2)

    assert (code, "nobody was to be told request_expired of appointment.expired" in said) == (1, True), said


def test_mail_that_nobody_checks_again_before_it_leaves_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "still_true", lambda row: True)
    monkeypatch.setattr("notifications.planner._supersede", lambda activity, scope: None)

    code, said = simulate(days=2, seed=1, people=2)

    assert (code, "a mail tells of a call that is" in said) == (1, True), said


def test_a_worker_that_forgets_to_expire_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.work.booking.expire_overdue", lambda now: 0)

    code, said = simulate(days=1, seed=1, people=2)

    assert (code, "a request past its time, neither answered nor let go" in said) == (1, True), said
