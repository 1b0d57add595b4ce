"""What one would write without an outbox: one Celery task a message, which renders it and calls `send_mail`."""

import os

from celery import Celery
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("peer")
app.config_from_object(
    {"broker_url": os.environ["REDIS_URL"], "task_ignore_result": True, "worker_hijack_root_logger": False}
)


@app.task(name="peer.send_one")
def send_one(inquiry_id: str) -> None:
    from inquiries.models import Inquiry

    inquiry = Inquiry.objects.select_related("contact").get(pk=inquiry_id)
    facts = {
        "language": "en",
        "clinic": "Biscayne Clinic",
        "called": inquiry.contact.called,
        "link": "https://x.example/m/x/",
    }
    texts = [render_to_string(f"notifications/en/inquiry_received.{ending}", facts) for ending in ("txt", "html")]
    send_mail(
        "We have your request",
        texts[0],
        settings.DEFAULT_FROM_EMAIL,
        [inquiry.contact.email.reveal()],
        html_message=texts[1],
    )
