from django import forms


class SubmissionForm(forms.Form):
    """What comes with the answers, which each question's kind reads for itself."""

    client_id = forms.UUIDField()
