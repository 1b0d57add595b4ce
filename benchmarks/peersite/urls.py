from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("healthz", healthz), path("", include("appointment.urls"))]
