import math
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.generation.models import LONGEST, MOST_SAMPLES, Endpoint, Provider
from labeling.generation.providers.local import local_models
from labeling.generation.sampling import Sampling
from labeling.generation.start_run import Wanted
from labeling.projects.models import Project
from labeling.prompts.use_cases import UseCase

ASKED = {
    Provider.LOCAL: ["name", "model", "revision"],
    Provider.OPENAI: [
        "name",
        "base_url",
        "model",
        "key",
        "concurrency",
        "takes_images",
        "prompt_price",
        "response_price",
    ],
}
"""What is asked of an endpoint of a kind, beside how it draws."""

DRAWS = ["system", "temperature", "top_p", "max_new_tokens"]


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    key = forms.CharField(
        label=_("Key"),
        required=False,
        strip=True,
        max_length=500,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=_("Stored encrypted, and never shown again."),
    )

    class Meta:
        model = Endpoint
        fields = [
            *["name", "base_url", "model", "revision", "concurrency", "takes_images", "prompt_price", "response_price"],
            *DRAWS,
        ]
        labels = {
            "name": _("Name"),
            "model": _("Model"),
            "revision": _("Revision"),
            "base_url": _("Address"),
            "concurrency": _("Requests at once"),
            "takes_images": _("Takes images"),
            "prompt_price": _("Price of a million prompt tokens"),
            "response_price": _("Price of a million response tokens"),
            "system": _("System prompt"),
            "temperature": _("Temperature"),
            "top_p": _("Top-p"),
            "max_new_tokens": _("Most new tokens"),
        }
        help_texts = {
            "revision": _("Of a model at a hub: a branch, tag or commit."),
            "base_url": _("Up to and with /v1, such as https://api.example.com/v1"),
            "system": _("For prompts that bring none of their own."),
            "temperature": _("0 always takes the likeliest token."),
        }
        widgets = {"system": forms.Textarea({"rows": 2})}

    def __init__(self, provider: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.provider = provider
        asked = [*ASKED[Provider(provider)], *DRAWS]
        self.fields = {name: self.fields[name] for name in asked}
        self.fields["model"].required = True
        if provider == Provider.LOCAL:
            self.offer_local_models()
        else:
            self.fields["base_url"].required = True
        if self.instance.encrypted_key:
            self.fields["key"].help_text = _(
                "There is one. Leave this empty to keep it; another address needs its key anew."
            )

    def offer_local_models(self) -> None:
        self.local_models = local_models()
        self.fields["model"].widget = forms.TextInput({"list": "local-models"})
        self.fields["model"].help_text = _("A folder or a GGUF file of var/models, or owner/name at a model hub.")
        if len(self.local_models) == 1:
            self.fields["model"].initial = self.local_models[0]


class PartForm(forms.Form):
    """How often one endpoint is asked, and at which temperatures."""

    samples = forms.IntegerField(label=_("Samples"), min_value=0, max_value=MOST_SAMPLES, required=False)
    temperatures = forms.CharField(label=_("Temperatures"), max_length=60, required=False)
    top_p = forms.FloatField(label=_("Top-p"), required=False)
    max_new_tokens = forms.IntegerField(label=_("Most new tokens"), min_value=1, max_value=LONGEST, required=False)

    def __init__(self, endpoint: Endpoint, data: Any = None) -> None:
        super().__init__(data, prefix=f"e{endpoint.pk}")
        self.endpoint = endpoint
        for name, value in {
            "samples": 0,
            "temperatures": f"{endpoint.temperature:g}",
            "top_p": f"{endpoint.top_p:g}",
            "max_new_tokens": endpoint.max_new_tokens,
        }.items():
            self.fields[name].widget.attrs |= {
                "placeholder": value,
                "aria-label": f"{self.fields[name].label}, {endpoint}",
            }

    def clean_temperatures(self) -> list[float]:
        """Those separated by commas; where there are none, the endpoint's own."""
        given = self.cleaned_data["temperatures"].replace(",", " ").replace("，", " ").split()
        try:
            temperatures = [float(one) for one in given] or [self.endpoint.temperature]
        except ValueError:
            temperatures = [math.nan]
        if not all(map(math.isfinite, temperatures)):
            raise forms.ValidationError(_("Write temperatures as numbers, separated by commas."))
        return temperatures

    def wanted(self) -> list[Wanted]:
        cleaned = self.cleaned_data
        if not cleaned.get("samples"):
            return []
        own = self.endpoint.sampling
        length = cleaned["max_new_tokens"] or own.max_new_tokens
        top_p = own.top_p if cleaned["top_p"] is None else cleaned["top_p"]
        return [
            Wanted(self.endpoint, cleaned["samples"], Sampling(temperature, top_p, length))
            for temperature in cleaned["temperatures"]
        ]


class RunForm(forms.Form):
    """Which prompts are answered, and by whom: `parts` has a form for each endpoint that can be asked."""

    per_prompt = forms.IntegerField(
        label=_("Draw this many of them for each prompt"),
        min_value=1,
        max_value=MOST_SAMPLES,
        required=False,
        help_text=_("At random, another mix for every prompt. Empty: all of them."),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    use_case = forms.ChoiceField(label=_("Use case"), required=False, choices=[("", _("all")), *UseCase.choices])

    def __init__(self, project: Project, data: Any = None) -> None:
        super().__init__(data)
        self.parts = [PartForm(endpoint, data) for endpoint in project.endpoints.exclude(provider=Provider.FILE)]
        language: Any = self.fields["language"]
        languages = project.prompts.exclude(language="").values_list("language", flat=True)
        language.choices = [("", _("all")), *((code, code) for code in languages.order_by("language").distinct())]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(part.is_valid() for part in self.parts)])

    def wanted(self) -> list[Wanted]:
        return [one for part in self.parts for one in part.wanted()]

    @property
    def asked(self) -> dict[str, Any]:
        """What `start_run` and `estimate` take."""
        return {**self.cleaned_data, "wanted": self.wanted()}


class TrialForm(forms.Form):
    prompt = forms.CharField(label=_("Prompt"), max_length=20_000, widget=forms.Textarea({"rows": 3}))
