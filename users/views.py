"""Pages for what admins do without the application: accounts, roles, links; and everybody's own password."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.views import LoginView, LogoutView
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from titan_core.errors import TitanError
from users.errors import NoSuchInvitation, UnfitPassword
from users.forms import AccountForm, NewAccountForm, NewPasswordForm, OwnPasswordForm, SignInForm
from users.models import User
from users.roles import Role
from users.services import accounts, invitations, passwords

__all__ = [
    "SignInView",
    "SignOutView",
    "account",
    "account_list",
    "home",
    "new_account",
    "own_password",
    "welcome",
]

_PAGE = 50
LOGIN = reverse_lazy("accounts:login")
View = TypeVar("View", bound=Callable[..., HttpResponse])


class SignInView(LoginView):
    """Signing in to these pages and to Django's admin."""

    form_class = SignInForm
    template_name = "users/login.html"
    next_page = "accounts:home"


class SignOutView(LogoutView):
    """Signing out of these pages."""

    next_page = "accounts:login"


def _may(permission: str) -> Callable[[View], View]:
    """Signed in, else to the sign-in page; without the permission 403."""

    def decorate(view: View) -> View:
        return never_cache(
            login_required(permission_required(permission, raise_exception=True)(view), login_url=LOGIN)
        )

    return decorate


@require_safe
@login_required(login_url=LOGIN)
def home(request: HttpRequest) -> HttpResponse:
    """To what the person may do here."""
    return redirect("accounts:list" if request.user.has_perm("users.view_user") else "accounts:password")


@require_safe
@_may("users.view_user")
def account_list(request: HttpRequest) -> HttpResponse:
    """Accounts, searched by name and address."""
    wanted = request.GET.get("search", "").strip()[:150].replace("\x00", "")
    users = accounts.described(User.objects.order_by("username"))
    if wanted:
        users = users.filter(
            Q(username__icontains=wanted)
            | Q(email__icontains=wanted)
            | Q(first_name__icontains=wanted)
            | Q(last_name__icontains=wanted)
        )
    page = Paginator(users, _PAGE).get_page(request.GET.get("page"))
    return render(request, "users/list.html", {"page": page, "search": wanted})


@require_http_methods(["GET", "HEAD", "POST"])
@_may("users.add_user")
def new_account(request: HttpRequest) -> HttpResponse:
    """Make an account, and show the link to set its password with."""
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, by = dict(form.cleaned_data), _person(request)
        try:
            with transaction.atomic():
                user = accounts.create(by=by, role=Role(data.pop("role")), **data)
                link = invitations.invite(user, by=by, address=request.build_absolute_uri)
        except TitanError as refusal:
            form.add_error(getattr(refusal, "field", None), str(refusal))
        else:
            return render(request, "users/link.html", {"account": user, "link": link})
    return render(request, "users/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@_may("users.change_user")
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its role, state and particulars."""
    user = get_object_or_404(accounts.described(User.objects.all()), pk=pk)
    form = AccountForm(request.POST or None, instance=user, initial={"role": user.role})
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in form.changed_data}
        role = data.pop("role", None)
        try:
            accounts.change(user, by=_person(request), role=Role(role) if role else None, **data)
        except TitanError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{user.username} is changed.")
            return redirect("accounts:account", pk=pk)
    return render(request, "users/account.html", {"form": form, "account": user})


@require_POST
@_may("users.change_user")
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Send a new link, sign somebody out, or switch their codes off."""
    user, by = get_object_or_404(User, pk=pk), _person(request)
    try:
        if action == "invite":
            link = invitations.invite(user, by=by, address=request.build_absolute_uri)
            return render(request, "users/link.html", {"account": user, "link": link})
        if action == "sign-out":
            accounts.sign_out(user, by=by)
            messages.success(request, f"{user.username} is logged out everywhere.")
        elif action == "disable-totp":
            accounts.disable_second_factor(user, by=by)
            messages.success(request, f"{user.username} logs in without a code now.")
        else:
            raise Http404
    except TitanError as refusal:
        messages.error(request, str(refusal))
    return redirect("accounts:account", pk=pk)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required(login_url=LOGIN)
def own_password(request: HttpRequest) -> HttpResponse:
    """One's own password; this browser stays signed in, all others do not."""
    form = OwnPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, data = _person(request), form.cleaned_data
        try:
            passwords.change(user, current=data["current_password"], new=data["password"])
        except UnfitPassword as refusal:
            form.add_error("password", str(refusal))
        except TitanError as refusal:
            form.add_error("current_password", str(refusal))
        else:
            update_session_auth_hash(request, user)
            messages.success(request, "Your password is changed; every other session has ended.")
            return redirect("accounts:password")
    return render(request, "users/password.html", {"form": form})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Set the password of an account, with a link, once."""
    form = NewPasswordForm(request.POST or None)
    try:
        invitation = invitations.find(token)
        if request.method == "POST" and form.is_valid():
            invitations.accept(token, password=form.cleaned_data["password"])
            messages.success(request, "Your password is set: log in with it.")
            return redirect("accounts:login")
    except NoSuchInvitation as refusal:
        return render(request, "users/no_link.html", {"reason": str(refusal)}, status=404)
    except UnfitPassword as refusal:
        form.add_error("password", str(refusal))
    return render(request, "users/welcome.html", {"form": form, "account": invitation.user})


def _person(request: HttpRequest) -> User:
    """Who is signed in, after the check that somebody is."""
    assert isinstance(request.user, User), "the view asks for nobody to be signed in"  # noqa: S101 - narrows the type
    return request.user
