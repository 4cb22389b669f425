"""Where each path goes: health, admin, the API, and everything else to the single-page application."""

from django.contrib import admin
from django.urls import include, path

from titan.health import livez, readyz

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/", include("api.urls")),
    path("", include("frontend.urls")),
]
