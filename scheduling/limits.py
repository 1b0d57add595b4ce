"""How far each rule of an appointment type may go: one set for page and API; the database holds most of them too."""

DAY_MINUTES = 24 * 60
A_MONTH_MINUTES = 31 * DAY_MINUTES
REMINDERS = 10

# the least and the most
BOUNDS = {
    "duration_minutes": (5, 480),
    "slot_step_minutes": (5, 480),
    "buffer_before_minutes": (0, 480),
    "buffer_after_minutes": (0, 480),
    "notice_minutes": (0, A_MONTH_MINUTES),
    "horizon_days": (1, 366),
    "daily_cap": (1, 1000),
    "weekly_cap": (1, 1000),
    "reminder_offset_minutes": (1, A_MONTH_MINUTES),
    "reminder_quiet_minutes": (0, A_MONTH_MINUTES),
    "answer_within_business_minutes": (1, A_MONTH_MINUTES),
}
