"""Workers poll every 0.2 s; a NOTIFY at every job would take one database-wide lock at every commit (ADR 4)."""

from django.db import migrations

TRIGGER = "procrastinate_jobs_notify_queue_job_inserted_v1"


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0002_machine_version"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE procrastinate_jobs DISABLE TRIGGER {TRIGGER}",
            f"ALTER TABLE procrastinate_jobs ENABLE TRIGGER {TRIGGER}",
        )
    ]
