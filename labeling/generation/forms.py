from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.generation.models import MOST_SAMPLES, Endpoint, Provider
from labeling.generation.providers.local import local_models
from labeling.projects.models import Project


class EndpointForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    model = forms.CharField(label=_("Model"), max_length=200, widget=forms.TextInput({"list": "local-models"}))
    temperature = forms.FloatField(
        label=_("Temperature"), initial=1.0, help_text=_("0 always takes the likeliest token.")
    )
    top_p = forms.FloatField(label=_("Top-p"), initial=1.0)
    max_new_tokens = forms.IntegerField(label=_("Most new tokens"), initial=256)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.local_models = local_models()
        if len(self.local_models) == 1:
            self.fields["model"].initial = self.local_models[0]


class RunForm(forms.Form):
    endpoint = forms.ModelChoiceField(label=_("Endpoint"), queryset=Endpoint.objects.none(), empty_label=None)
    samples = forms.IntegerField(label=_("Responses to a prompt"), min_value=1, max_value=MOST_SAMPLES, initial=2)
    language = forms.ChoiceField(label=_("Prompts"), required=False)

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        endpoint: Any = self.fields["endpoint"]
        endpoint.queryset = project.endpoints.exclude(provider=Provider.FILE)
        language: Any = self.fields["language"]
        languages = project.prompts.exclude(language="").values_list("language", flat=True)
        language.choices = [("", _("all")), *((code, code) for code in languages.order_by("language").distinct())]
