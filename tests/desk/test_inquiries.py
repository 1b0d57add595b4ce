"""The list of inquiries: its filters and pages, views that people keep, whose an inquiry is, and the file."""

import csv
import datetime as dt
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from inquiries import intake
from inquiries.models import Inquiry, StaffMember
from scheduling.desk.export import neutral
from scheduling.desk.lists import sources_lately
from scheduling.models import Export, SavedView
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def people(desk: Client, cleo: StaffMember) -> None:
    """Ana (new), Bea (Spanish, from a campaign, Cleo's), Cid (asked for a time), Dan (closed, a month ago)."""
    an_inquiry(given_name="Ana", family_name="")
    bea = an_inquiry(given_name="Bea", family_name="", language="es")
    Inquiry.objects.filter(pk=bea.pk).update(source={"utm_source": "radio"})
    intake.assign(inquiry=bea, to=cleo, by=cleo, now=NOW)
    an_appointment("pending", inquiry=an_inquiry(given_name="Cid", family_name=""))
    dan = an_inquiry(given_name="Dan", family_name="", now=NOW - dt.timedelta(days=30))
    intake.close(inquiry=dan, reason="settled", by=cleo, now=NOW)


def names(desk: Client, query: str = "") -> set[str]:
    text = Page(desk.get(f"/desk/inquiries/?{query}")).text.split()
    return {name for name in ("Ana", "Bea", "Cid", "Dan") if name in text}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Ana", "Bea", "Cid", "Dan"}),
        ("status=closed", {"Dan"}),
        ("status=unanswered", {"Ana", "Cid"}),
        ("status=urgent", set()),
        ("language=es", {"Bea"}),
        ("source=radio", {"Bea"}),
        ("assigned=me", {"Bea"}),
        ("assigned=nobody&status=new", {"Ana"}),
        ("call=none", {"Ana", "Bea", "Dan"}),
        ("until=2026-11-30", {"Dan"}),
        ("since=2026-12-07&language=en", {"Ana", "Cid"}),
        ("since=nonsense&status=nonsense", {"Ana", "Bea", "Cid", "Dan"}),
    ],
)
def test_filters_show_whom_they_name(desk: Client, people: None, query: str, found: set[str]) -> None:
    assert names(desk, query) == found


def test_pages_follow_each_other_without_a_gap(desk: Client) -> None:
    made = {an_inquiry(now=NOW - (number // 3) * HOUR).reference for number in range(120)}

    seen, address = [], "/desk/inquiries/"
    while address:
        page = Page(desk.get(address))
        links = [link["href"] for link in page.all("a") if "href" in link]
        seen += [link[16:24].upper() for link in links if len(link) == 53 and link.startswith("/desk/inquiries/")]
        older = [link for link in links if "after=" in link]
        address = f"/desk/inquiries/{older[0]}" if older else ""

    assert (len(seen), set(seen)) == (120, made)


def test_a_place_that_makes_no_sense_shows_the_newest(desk: Client, people: None) -> None:
    assert names(desk, "after=2026-12-07_x") == {"Ana", "Bea", "Cid", "Dan"}


def test_a_view_is_kept_for_its_owner_only(desk: Client, manager: Client) -> None:
    desk.post("/desk/inquiries/views/", {"name": "Mine, in Spanish", "query": "language=es&assigned=me&x=1"})

    view = SavedView.objects.get()
    assert view.query == "assigned=me&language=es"
    assert "Mine, in Spanish" in Page(desk.get("/desk/inquiries/")).text
    assert "Mine, in Spanish" not in Page(manager.get("/desk/inquiries/")).text
    assert manager.post(f"/desk/inquiries/views/{view.pk}/remove/").status_code == 404
    desk.post(f"/desk/inquiries/views/{view.pk}/remove/")
    assert SavedView.objects.count() == 0


def test_a_view_of_the_same_name_takes_the_new_filters(desk: Client) -> None:
    for query in ("language=es", "language=en"):
        desk.post("/desk/inquiries/views/", {"name": "Mine", "query": query})

    assert list(SavedView.objects.values_list("query", flat=True)) == ["language=en"]


def test_a_source_of_any_letters_is_kept_whole(desk: Client, manager: Client) -> None:
    source = "ñ" * 200  # as long as a campaign's name can come
    Inquiry.objects.filter(pk=an_inquiry().pk).update(source={"utm_source": source})
    query = urlencode({"source": source})

    desk.post("/desk/inquiries/views/", {"name": "Long", "query": query})
    manager.post(f"/desk/inquiries/export/?{query}", {"reason": "The yearly report."})

    assert (SavedView.objects.get().query, Export.objects.get().query, Export.objects.get().count) == (query, query, 1)


def test_what_was_set_aside_names_no_source(kind: object) -> None:
    Inquiry.objects.filter(pk=an_inquiry().pk).update(source={"utm_source": "buy now"}, set_aside="too_fast")
    assert sources_lately() == []


def test_an_inquiry_is_given_to_somebody_and_the_story_says_so(desk: Client, cleo: StaffMember) -> None:
    inquiry, max_ = an_inquiry(), a_staff_member("max", first_name="Max", last_name="Ito")
    path = f"/desk/inquiries/{inquiry.pk}/"
    for _ in range(2):
        desk.post(f"{path}assign/", {"to": max_.pk})

    text = Page(desk.get(path)).text
    assert "Assigned to Max Ito" in text
    assert text.count("Gave the inquiry to Max Ito") == 1
    desk.post(f"{path}assign/", {"to": ""})
    assert "Made the inquiry nobody's" in Page(desk.get(path)).text


def test_a_practitioner_is_given_no_inquiry(desk: Client) -> None:
    inquiry, dana = an_inquiry(), a_staff_member("dana", "practitioner")

    answer = desk.post(f"/desk/inquiries/{inquiry.pk}/assign/", {"to": dana.pk})

    assert (answer.status_code, Inquiry.objects.get().assigned_to) == (400, None)


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_a_file_holds_no_formula_and_is_written_down(desk: Client, manager: Client) -> None:
    an_inquiry(given_name='=HYPERLINK("http://x")', family_name="@Ruiz")
    an_inquiry(language="es")

    (row,) = rows_of(manager.post("/desk/inquiries/export/?language=en", {"reason": "Letter to the ministry"}))

    assert (row["given_name"], row["family_name"], row["phone"]) == (
        '\'=HYPERLINK("http://x")',
        "'@Ruiz",
        "'+13055550123",
    )
    kept = Export.objects.values_list("by__username", "reason", "query", "count")
    assert list(kept) == [("max", "Letter to the ministry", "language=en", 1)]
    assert "Letter to the ministry" in Page(manager.get("/desk/inquiries/export/")).text


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t", "\r", "\n", " ="])
def test_a_cell_that_begins_as_a_formula_is_text(mark: str) -> None:
    assert neutral(f"{mark}1") == f"'{mark}1"


def test_nothing_leaves_without_a_reason(manager: Client) -> None:
    answer = manager.post("/desk/inquiries/export/", {"reason": "  "})

    assert (answer.status_code, Export.objects.count()) == (400, 0)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_what_was_taken_out_stays_written_down(cleo: StaffMember, change: str) -> None:
    Export.objects.create(at=NOW, by=cleo, reason="audit", count=1)

    with pytest.raises(IntegrityError, match="stays written down"), transaction.atomic():
        Export.objects.update(count=0) if change == "update" else Export.objects.all().delete()


@pytest.mark.parametrize("rows", [1, 30])
def test_the_pages_cost_as_many_queries_whatever_they_show(
    manager: Client, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        an_inquiry()
    manager.get("/desk/inquiries/")

    with django_assert_num_queries(6):
        manager.get("/desk/inquiries/?status=unanswered&assigned=nobody")
    with django_assert_num_queries(4):
        manager.get("/desk/inquiries/export/")
    with django_assert_num_queries(8):
        rows_of(manager.post("/desk/inquiries/export/", {"reason": "audit"}))
