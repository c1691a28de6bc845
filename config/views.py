from django import forms
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config import examples
from labeling.imports.forms import FileForm


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """For whoever watches over the server: 200 when it answers and the database does."""
    connection.ensure_connection()
    return HttpResponse("ok", content_type="text/plain")


class ExampleForm(forms.Form):
    """Of the patterns page: a field of every look, bound to what it refuses."""

    text = forms.CharField(label="Text", help_text="What helps to fill it in.")
    number = forms.IntegerField(label="Number", max_value=5)
    choice = forms.ChoiceField(label="Choice", choices=[("a", "This"), ("b", "That")])
    radio = forms.ChoiceField(label="Radio", choices=[("a", "This"), ("b", "That")], widget=forms.RadioSelect)
    tick = forms.BooleanField(label="Tick", required=False)
    long = forms.CharField(label="Long text", widget=forms.Textarea({"rows": 3}))


@require_safe
@login_required
def patterns(request: HttpRequest) -> HttpResponse:
    """Every component once, for whoever changes one."""
    form = ExampleForm({"text": "words", "number": 7, "long": "words"})
    return render(request, "patterns.html", {"form": form, "upload": FileForm(), "charts": list(examples.charts())})
