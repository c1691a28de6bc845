from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonalData(models.TextChoices):
    """What is looked for in prompts, in the order in which what overlaps counts."""

    KEY = "key", _("secret key")
    EMAIL = "email", _("e-mail address")
    IBAN = "iban", _("bank account")
    ID = "id", _("national id")
    CARD = "card", _("payment card")
    PHONE = "phone", _("phone number")
    IP = "ip", _("IP address")
