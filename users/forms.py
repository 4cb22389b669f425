"""Forms of the admin site: accounts are made with a role."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm

from users.models import TradingPreferences, User
from users.roles import Role

__all__ = ["NewUserForm"]

if TYPE_CHECKING:
    _CreationForm = AdminUserCreationForm[User]
else:
    _CreationForm = AdminUserCreationForm  # generic to the type checker only


class NewUserForm(_CreationForm):
    """A new account and the role it holds."""

    role = forms.ChoiceField(choices=Role.choices, initial=Role.VIEWER, help_text="What this person may do.")

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "email")

    def _save_m2m(self) -> None:
        """Give the role once the account has its row: admin saves forms with ``commit=False`` first."""
        super()._save_m2m()  # type: ignore[misc]  # the stubs leave out ModelForm's private hook
        self.instance.assign_role(Role(self.cleaned_data["role"]))
        TradingPreferences.objects.of(self.instance)

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """The account, with its role when it is saved now."""
        return super().save(commit=commit)
