"""Every path no other app took belongs to the single-page application."""

from django.urls import path, re_path

from frontend.views import spa

app_name = "frontend"

urlpatterns = [
    path("", spa, name="home"),
    re_path(r"^(?P<path>.+)$", spa, name="spa"),
]
