"""Whatever kind of text is assigned to a sealed column, the database holds no readable fact."""

import pytest
from django.db import connection
from django.utils.safestring import mark_safe

from inquiries.models import Inquiry
from tests.factories import an_inquiry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["Ana", mark_safe("Ana"), Inquiry.Status.NEW])
def test_every_kind_of_text_is_sealed(name: str) -> None:
    contact = an_inquiry(given_name=name).contact

    with connection.cursor() as cursor:
        cursor.execute("select given_name from inquiries_contact")
        (kept,) = cursor.fetchone()

    contact.refresh_from_db()
    assert str(name) not in kept
    assert contact.given_name.reveal() == str(name)
