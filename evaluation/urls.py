from django.urls import include, path

from evaluation.agreement import views as agreement
from evaluation.api import views as api
from evaluation.datasets import views as datasets
from evaluation.scores import views as scores

in_project = [
    path("agreement/", agreement.agreement, name="agreement"),
    path("scores/", scores.scores, name="scores"),
    path("datasets/", datasets.datasets, name="datasets"),
    path("datasets/<int:snapshot_id>/", datasets.download, name="download-dataset"),
]

in_api = [
    path("agreement/", api.agreement, name="api-agreement"),
    path("scores/", api.scores, name="api-scores"),
]

urlpatterns = [
    path("p/<slug:slug>/", include(in_project)),
    path("api/v1/projects/<slug:slug>/", include(in_api)),
]
