"""Where each path goes: health, admin, the API, and everything else to the single-page application."""

from django.contrib import admin
from django.urls import include, path

from api import errors
from titan.health import livez, readyz

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/", include("api.urls")),
    path("", include("frontend.urls")),
]

# One shape for errors below api/, Django's own pages elsewhere.
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
