"""The person who asks, what they asked, and the story of what happened since.

Personal facts live in two tables only, sealed: `Contact` (who, and how to reach them) and `Statement` (free text).
"""

from inquiries.clinic import ClinicProfile
from inquiries.drafts import Draft
from inquiries.models.activities import Activity
from inquiries.models.inquiries import DO_NOT_CONTACT, Inquiry, InquiryQuerySet
from inquiries.models.links import AccessLink, LinkRequest
from inquiries.models.people import Contact, Statement
from inquiries.models.replies import IdempotentReply
from inquiries.passages import Passage
from inquiries.staff import ApiToken, StaffMember
from inquiries.team import Invitation
from inquiries.trail import AccountEvent

__all__ = [
    "DO_NOT_CONTACT",
    "AccessLink",
    "AccountEvent",
    "Activity",
    "ApiToken",
    "ClinicProfile",
    "Contact",
    "Draft",
    "IdempotentReply",
    "Inquiry",
    "InquiryQuerySet",
    "Invitation",
    "LinkRequest",
    "Passage",
    "StaffMember",
    "Statement",
]
