"""Accounts in Django's admin."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from users.forms import NewUserForm
from users.models import TradingPreferences, User

if TYPE_CHECKING:
    _Inline = admin.StackedInline[TradingPreferences, User]
else:
    _Inline = admin.StackedInline  # generic to the type checker only


class PreferencesInline(_Inline):
    """A trader's preferences on the account's page."""

    model = TradingPreferences
    can_delete = False


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
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
    inlines: ClassVar = [PreferencesInline]

    def get_inlines(self, request: object, obj: User | None) -> list[type[PreferencesInline]]:
        """Preferences are made with the account, so only an existing one shows them."""
        return [] if obj is None else [PreferencesInline]

    @admin.display(description="roles")
    def role_names(self, user: User) -> str:
        """Roles held, for the list."""
        return ", ".join(user.roles)
