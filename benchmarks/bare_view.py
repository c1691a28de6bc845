from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path


def view(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, task_id FROM labeling_seat ORDER BY id LIMIT 1")
        cursor.fetchone()
        cursor.execute("INSERT INTO labeling_auditentry (action, detail, at) VALUES ('bare', '{}', now())")
    return HttpResponse("ok")


urlpatterns = [path("", view), path("health/", view)]
