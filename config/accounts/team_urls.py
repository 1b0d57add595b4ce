from django.urls import path

from config.accounts import drafts, team

urlpatterns = [
    path("drafts/", drafts.kept, name="desk-drafts"),
    path("drafts/<uuid:pk>/discard/", drafts.discard, name="desk-draft-discard"),
    path("team/", team.people, name="desk-team"),
    path("team/events/", team.events, name="desk-account-events"),
    *[
        path(f"team/<int:pk>/{action}/", team.act, {"action": action}, name=f"desk-team-{action}")
        for action in team.ACTIONS
    ],
    path("team/invitations/<int:pk>/revoke/", team.revoke, name="desk-invitation-revoke"),
    path("sessions/<int:pk>/end/", team.end_own_session, name="desk-session-end"),
]
