from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from labeling.people.models import User
from labeling.people.tokens import DEFAULT_DAYS, LONGEST_NAME, MOST_DAYS

LONGEST_PASSWORD = 256
MOST_A_DAY = 10_000


class SignUpForm(forms.Form):
    username = forms.CharField(
        label=_("User name"), max_length=150, widget=forms.TextInput({"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        help_text=_("At least 12 characters. Nobody can tell it to you again."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label=_("The same password again"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if (password := given.get("password")) is not None:
            try:
                validate_password(password, User(username=given.get("username", "")))
            except ValidationError as weak:
                self.add_error("password", weak)
            if password != given.get("repeated", password):
                self.add_error("repeated", _("The two passwords differ."))
        return given


class GoalForm(forms.Form):
    daily_goal = forms.IntegerField(label=_("Labels you want to make a day"), min_value=1, max_value=MOST_A_DAY)


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"),
        max_length=LONGEST_NAME,
        help_text=_("So that you know it again: where it is used, and by which program."),
    )
    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=MOST_DAYS, initial=DEFAULT_DAYS)
