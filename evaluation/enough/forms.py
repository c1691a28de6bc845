from django import forms
from django.utils.translation import gettext_lazy as _

from evaluation.enough.answer import POWERS

NARROWEST, WIDEST = 0.001, 10_000


class EnoughForm(forms.Form):
    """What somebody wants to know of the forecast; nothing of it has to be said."""

    score = forms.CharField(required=False)
    width = forms.FloatField(required=False, min_value=NARROWEST, max_value=WIDEST, label=_("Interval wanted, ±"))
    first = forms.IntegerField(required=False)
    second = forms.IntegerField(required=False)
    power = forms.TypedChoiceField(
        required=False,
        coerce=int,
        choices=[(round(100 * power), f"{100 * power:.0f} %") for power in POWERS],
        label=_("Power"),
    )
