from django.db import migrations

GUARD = """
create function activity_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.planned_at is null and new.planned_at is not null
       and to_jsonb(new) - 'planned_at' = to_jsonb(old) - 'planned_at' then
        return new;
    end if;
    raise exception 'activities are append-only' using errcode = 'restrict_violation';
end $$;
create trigger activity_append_only before update or delete on inquiries_activity
    for each row execute function activity_is_append_only();
create trigger activity_never_truncated before truncate on inquiries_activity
    for each statement execute function activity_is_append_only();
"""
UNGUARD = """
drop trigger activity_never_truncated on inquiries_activity;
drop trigger activity_append_only on inquiries_activity;
drop function activity_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("inquiries", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
