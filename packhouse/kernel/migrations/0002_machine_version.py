from django.db import migrations


def create(apps, schema_editor):
    apps.get_model("kernel", "MachineVersion").objects.get_or_create(id=1)


def delete(apps, schema_editor):
    apps.get_model("kernel", "MachineVersion").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [migrations.RunPython(create, delete)]
