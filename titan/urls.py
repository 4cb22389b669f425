"""Where each path goes: health, admin, the API, and everything else to the single-page application."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from api import errors
from titan.health import livez, readyz
from titan.metrics import metrics

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    # one door for people without the application: lockout and codes hold for Django's admin too
    path("admin/login/", RedirectView.as_view(pattern_name="accounts:login", query_string=True)),
    # and one way to a new password, which counts wrong ones, is written down and ends every other sign-in
    re_path(r"^admin/password_change/", RedirectView.as_view(pattern_name="accounts:password")),
    path("admin/", admin.site.urls),
    path("accounts/", include("users.urls")),
    path("api/", include("api.urls")),
    # to whoever may not read it there is nothing here, not even the application's page
    re_path(r"^metrics/?$", metrics, name="metrics"),
    path("", include("frontend.urls")),
]

# One shape for errors below api/, Django's own pages elsewhere.
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
