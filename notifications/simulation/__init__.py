"""A clinic on a fake clock: the real verbs, planner, delivery and expiry, over real PostgreSQL and real SMTP.

`scratch` makes the database, `mailbox` is the mail server, `faults` says what goes wrong, `people` and `staff` act,
`clinic` moves the clock, and `promises` looks at what came of it, without trusting the plan that it checks.
"""
