from django.urls import include, path

from evaluation.agreement import views as agreement
from evaluation.api import views as api
from evaluation.datasets import views as datasets
from evaluation.enough import views as enough
from evaluation.intake import views as intake
from evaluation.paper import views as paper
from evaluation.progress import views as progress
from evaluation.scores import views as scores

in_project = [
    path("data/", intake.data, name="data"),
    path("data/<slug:name>.<slug:ending>", intake.data_file, name="data-file"),
    path("agreement/", agreement.agreement, name="agreement"),
    path("agreement/<slug:name>.<slug:ending>", agreement.agreement_chart, name="agreement-chart"),
    path("progress/", progress.progress, name="progress"),
    path("progress/<slug:name>.<slug:ending>", progress.progress_file, name="progress-file"),
    path("scores/", scores.scores, name="scores"),
    path("scores/<slug:name>.<slug:ending>", scores.scores_chart, name="scores-chart"),
    path("scores/samples/", scores.samples, name="score-samples"),
    path("enough/", enough.enough, name="enough"),
    path("enough/<slug:name>.<slug:ending>", enough.enough_chart, name="enough-chart"),
    path("report.<slug:ending>", paper.report, name="report"),
    path("datasets/", datasets.datasets, name="datasets"),
    path("datasets/new/", datasets.new_dataset, name="new-dataset"),
    path("datasets/<int:snapshot_id>/", datasets.dataset, name="dataset"),
    path("datasets/<int:snapshot_id>/archive/", datasets.download, name="download-dataset"),
]

in_api = [
    path("progress/", api.progress, name="api-progress"),
    path("agreement/", api.agreement, name="api-agreement"),
    path("agreement/report/", api.agreement_report, name="api-agreement-report"),
    path("scores/", api.scores, name="api-scores"),
    path("scores/report/", api.scores_report, name="api-scores-report"),
    path("enough/", api.enough, name="api-enough"),
    path("consensus/", api.consensus, name="api-consensus"),
    path("report/", api.report, name="api-report"),
    path("datasets/", api.datasets, name="api-datasets"),
    path("datasets/rows/", api.dataset_rows, name="api-dataset-rows"),
    path("datasets/<int:snapshot_id>/archive/", api.dataset_archive, name="api-dataset-archive"),
]

urlpatterns = [
    path("p/<slug:slug>/", include(in_project)),
    path("api/v1/projects/<slug:slug>/", include(in_api)),
]
