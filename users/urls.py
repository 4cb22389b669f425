"""Addresses of the pages below ``/accounts/``."""

from django.urls import path, re_path

from users import views

app_name = "accounts"

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.SignInView.as_view(), name="login"),
    path("logout/", views.SignOutView.as_view(), name="logout"),
    path("password/", views.own_password, name="password"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("users/", views.account_list, name="list"),
    path("users/new/", views.new_account, name="new"),
    path("users/<int:pk>/", views.account, name="account"),
    re_path(r"^users/(?P<pk>[0-9]{1,18})/(?P<action>invite|sign-out|disable-totp)/$", views.act, name="act"),
]
