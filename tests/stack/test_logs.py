"""Logs say what happened, and never how to open a patient's page."""

import logging

import pytest

from config.logs import WithoutLinks

TOKEN = "A" * 43


def a_record(said: str, *facts: str) -> logging.LogRecord:
    return logging.LogRecord("django.security.csrf", logging.WARNING, __file__, 1, said, facts, None)


@pytest.mark.parametrize("path", ["/m/%s/cancel/", "/es/m/%s/", "/api/v1/manage/%s/cancel/", "/calendar/%s.ics"])
def test_a_line_about_a_patients_page_loses_its_token(path: str) -> None:
    record = a_record("Forbidden: %s", path % TOKEN)
    assert TOKEN in record.getMessage()  # the control: without the filter it would be written

    assert WithoutLinks().filter(record)

    assert record.getMessage() == "Forbidden: " + path % "…"


def test_the_filter_stands_where_every_line_passes() -> None:
    handlers = [handler for handler in logging.getLogger().handlers if handler.get_name() == "stderr"]
    assert any(isinstance(kept, WithoutLinks) for handler in handlers for kept in handler.filters)
