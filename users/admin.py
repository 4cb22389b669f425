"""Accounts in Django's admin."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from common import audit
from users.forms import NewUserForm
from users.models import TradingPreferences, User

if TYPE_CHECKING:
    from django.contrib.admin.options import InlineModelAdmin

    _Inline = admin.StackedInline[TradingPreferences, User]
    _UserAdmin = DjangoUserAdmin[User]
else:
    _Inline, _UserAdmin = admin.StackedInline, DjangoUserAdmin  # generic to the type checker only


class PreferencesInline(_Inline):
    """A trader's preferences on the account's page."""

    model = TradingPreferences
    can_delete = False


@admin.register(User)
class UserAdmin(_UserAdmin):
    """Accounts, their roles and preferences."""

    add_form = NewUserForm
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "email", "role", "usable_password", "password1", "password2"),
            },
        ),
    )
    list_display = ("username", "email", "role_names", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    inlines = (PreferencesInline,)
    # Roles and states change on /accounts/ and over the API alone: there with the audit trail, with tokens ended at
    # once, and with an admin left. Else an admin could make a superuser of anyone here.
    readonly_fields = (
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "user_permissions",
        "last_login",
        "date_joined",
    )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are deactivated: what they made and the audit trail still name them."""
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's signature
        """Nobody sets another's password; a link to set it is made on the account's page."""
        return redirect("accounts:account", pk=id)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Note who made an account."""
        super().save_related(request, form, formsets, change)
        if not change:
            audit.record(
                "user_created",
                actor=request.user,
                target=form.instance.username,
                detail={"role": form.instance.role, "through": "admin"},
            )

    def get_inline_instances(
        self, request: HttpRequest, obj: User | None = None
    ) -> "list[InlineModelAdmin[Any, Any]]":
        """Preferences are made with the account, so only an existing one shows them."""
        return [] if obj is None else super().get_inline_instances(request, obj)

    @admin.display(description="roles")
    def role_names(self, user: User) -> str:
        """Roles held, for the list."""
        return ", ".join(user.roles)
