from django import forms
from django.utils.translation import gettext_lazy as _

USUAL_POWER = 80
POWERS = [USUAL_POWER, 90, 95]
NARROWEST = 0.001


class EnoughForm(forms.Form):
    """What somebody wants to know of the forecast; nothing of it has to be said."""

    score = forms.CharField(required=False)
    width = forms.FloatField(required=False, min_value=NARROWEST, label=_("Interval wanted, ±"))
    first = forms.IntegerField(required=False)
    second = forms.IntegerField(required=False)
    power = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=USUAL_POWER,
        choices=[(power, f"{power} %") for power in POWERS],
        label=_("Power"),
    )
