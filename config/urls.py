from django.urls import include, path

from config import views
from config.api import views as api

handler400 = "config.api.failures.bad_request"
handler404 = "config.api.failures.not_found"
handler500 = "config.api.failures.server_error"

urlpatterns = [
    path("health/", views.health, name="health"),
    path("patterns/", views.patterns, name="patterns"),
    path("api/v1/schema/", api.schema, name="api-schema"),
    path("api/v1/docs/", api.docs, name="api-docs"),
    path("", include("labeling.urls")),
    path("", include("evaluation.urls")),
]
