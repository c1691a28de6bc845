"""Files that come by browser."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.errors import FileRefused
from labeling.projects.guards import MemberRequest
from labeling.prompts.files import ImportFile

LARGEST = 100 * 2**20
"""Bytes."""


class UploadForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File"), allow_empty_file=True)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than %(n)d MB.") % {"n": LARGEST // 2**20})
        return file


def take_upload(request: MemberRequest, importer: Callable[..., Any], *, back_to: str) -> HttpResponse:
    """Import the uploaded file and go back, or show line by line what is wrong with it."""
    form = UploadForm(request.POST, request.FILES)
    problems: list[str] = []
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            with ImportFile(upload, upload.name) as file:
                imported = importer(project=request.project, file=file, by=request.user)
        except FileRefused as refused:
            problems = refused.lines()
        else:
            messages.success(request, imported.sentence())
            return redirect(back_to, slug=request.project.slug)
    shown = {"problems": problems, "form": form, "back_to": back_to}
    return render(request, "labeling/prompts/file_refused.html", shown, status=422)
