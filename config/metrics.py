"""Figures for Prometheus at `/metrics`, for this machine or who shows METRICS_TOKEN. No label names a person."""

import datetime as dt
import hmac
import ipaddress
import math
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from notifications import pulse
from notifications.models import Notification, Suppression
from scheduling.models import Appointment

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUESTS = Counter("firstcall_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("firstcall_request_seconds", "Time to the answer", ["method", "route"])
LATELY = dt.timedelta(days=1)


class MetricsMiddleware:
    """Counts and times each request, by the pattern of its address: never by the address, which may hold a token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.route if request.resolver_match else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        SECONDS.labels(method, route).observe(time.perf_counter() - began)
        return response


class Ledger(Collector):
    """What the database says of messages and calls."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        checks = pulse.checks(now=now)
        messages = Notification.objects.filter(due_at__gte=now - LATELY, due_at__lte=now)
        yield by_status("firstcall_messages_lately", "Messages due in the last 24 hours", messages)
        calls = Appointment.objects.spoken_of().filter(start__gte=now - LATELY)
        yield by_status("firstcall_calls", "Calls to come, and of the last 24 hours", calls)
        overdue = Notification.objects.filter(status="due", attempts=0, try_at__lt=now - pulse.LATE_AFTER)
        yield one("firstcall_messages_late", "Messages that are due and never tried", overdue.count())
        yield one("firstcall_oldest_due_seconds", "Age of the oldest of them", checks["messages"]["oldest_seconds"])
        yield one("firstcall_suppressed_addresses", "Addresses that take no mail", Suppression.objects.active().count())
        if "canary" in checks:
            age = checks["canary"]["age_seconds"]
            yield one(
                "firstcall_canary_age_seconds", "Since the last hourly check left", math.inf if age is None else age
            )
        healthy = GaugeMetricFamily("firstcall_healthy", "1 where all is well", labels=["part"])
        for name, check in checks.items():
            healthy.add_metric([str(name)], float(check["ok"]))
        yield healthy


def by_status(name: str, help_text: str, rows: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=["status"])
    for status, count in rows.order_by("status").values_list("status").annotate(Count("pk")):
        family.add_metric([status], count)
    return family


def one(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 for those who may not read them."""
    if not may_read(request):
        raise Http404
    own = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(own)
    own.register(Ledger())
    counted = b"" if "PROMETHEUS_MULTIPROC_DIR" in os.environ else generate_latest(REGISTRY)
    return HttpResponse(generate_latest(own) + counted, content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """By the token; or, where no proxy of ours stands in front, from this machine."""
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and hmac.compare_digest(shown.encode(), settings.METRICS_TOKEN.encode()):
        return True
    passed_on = settings.TRUSTED_PROXIES or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not passed_on and ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback
