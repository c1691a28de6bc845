from django.urls import include, path

from config import views

urlpatterns = [
    path("health/", views.health, name="health"),
    path("patterns/", views.patterns, name="patterns"),
    path("", include("labeling.urls")),
    path("", include("evaluation.urls")),
]
