"""How many characters a text has, kept beside it: of many thousand texts, counting takes a while."""

from django.db import models

OCTETS = models.Func("text", function="octet_length", output_field=models.IntegerField())

LENGTH_POSSIBLE = models.Q(characters__lte=OCTETS, characters__gte=OCTETS / 4)
"""In UTF-8, which takes one to four bytes for each."""


class CharacterCount(models.IntegerField):  # type: ignore[type-arg]
    """Of the row's `text`. Who makes the row knows it; when the text changes, a trigger counts.

    PostgreSQL would count for a tenth of all that an import takes.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> int:
        count = len(model_instance.text)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, count)
        return count
