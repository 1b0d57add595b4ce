# One image for migrate, web, worker and beat: the production set only, run as an ordinary user.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements/prod.txt requirements/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/prod.txt
COPY manage.py ./
COPY locale locale
COPY config config
COPY inquiries inquiries
COPY scheduling scheduling
COPY notifications notifications
RUN /venv/bin/python -m config.translations compile
# Settings want to be whole before they collect files; none of these values stays in the image.
RUN DATA_DIR=/app/var SITE_URL=https://build.invalid EMAIL_URL=smtp://127.0.0.1:9 SECRET_KEY=build \
    DATABASE_URL=postgres://build:build@127.0.0.1:9/build \
    FIELD_ENCRYPTION_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin firstcall
COPY --from=build /venv /venv
COPY --from=build /app /app
RUN install -d -o firstcall /app/var/run /app/var/outbox
WORKDIR /app
USER firstcall
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/app/var HOST=0.0.0.0 PORT=8000
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "config/gunicorn.py"]
