"""A clinic on a fake clock: the real verbs, planner, delivery and expiry, over real PostgreSQL and real SMTP.

`scratch` makes the database, `mailbox` is the mail server, `faults` says what goes wrong. `clinic` is what `people` and
`staff` share, who act; `promises` and `aftermath` look at what came of it, without trusting the plan that they check;
`days` moves the clock. Each imports only those before it.
"""
