"""Accounts in Django's admin."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest

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

    def get_inline_instances(
        self, request: HttpRequest, obj: User | None = None
    ) -> "list[InlineModelAdmin[Any, Any]]":
        """Preferences are made with the account, so only an existing one shows them."""
        return [] if obj is None else super().get_inline_instances(request, obj)

    @admin.display(description="roles")
    def role_names(self, user: User) -> str:
        """Roles held, for the list."""
        return ", ".join(user.roles)
