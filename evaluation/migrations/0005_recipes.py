import hashlib

from django.db import migrations, models


def state_recipes(apps, schema_editor):
    """What was written so far was of the one format there was; its files were hashed one by one."""
    for snapshot in apps.get_model("evaluation", "Snapshot").objects.using(schema_editor.connection.alias):
        snapshot.recipe = {"format": snapshot.format}
        if snapshot.state == "done":
            old = snapshot.summary
            sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(old["files"].items()))
            snapshot.digest = hashlib.sha256(sums.encode()).hexdigest()
            snapshot.summary = {
                "configs": {"default": old["rows"]},
                "rows": [[split, n] for split, n in old["rows"].items()],
                "left_out": {"ties": old["dropped_ties"], "twins": old["dropped_twins"]},
                "prompts": old["prompts"],
                "edits": old["edits"],
                "files": old["files"],
                "digest": snapshot.digest,
            }
        snapshot.save()


class Migration(migrations.Migration):

    dependencies = [
        ("evaluation", "0004_tally"),
    ]

    operations = [
        migrations.AddField("snapshot", "recipe", models.JSONField(default=dict), preserve_default=False),
        migrations.AddField("snapshot", "leased_until", models.DateTimeField(null=True)),
        migrations.AddField("snapshot", "n_tasks", models.PositiveIntegerField(null=True)),
        migrations.AddField("snapshot", "n_done", models.PositiveIntegerField(default=0)),
        migrations.AddField("snapshot", "digest", models.CharField(blank=True, max_length=64)),
        migrations.AddField("snapshot", "size", models.PositiveBigIntegerField(null=True)),
        migrations.RunPython(state_recipes, migrations.RunPython.noop),
        migrations.RemoveField("snapshot", "format"),
        migrations.AddConstraint(
            "snapshot",
            models.CheckConstraint(condition=~models.Q(("digest", ""), ("state", "done")), name="snapshot_done_is_hashed"),
        ),
    ]
