"""Forms of the pages for people without the application: signing in, passwords, accounts; and of Django's admin."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AdminUserCreationForm, AuthenticationForm
from django.core.exceptions import ValidationError

from users.errors import OtpRequired, SignInRefused
from users.models import TradingPreferences, User
from users.roles import Role
from users.services.sign_in import sign_in

__all__ = ["AccountForm", "NewAccountForm", "NewPasswordForm", "NewUserForm", "OwnPasswordForm", "SignInForm"]

if TYPE_CHECKING:
    _CreationForm = AdminUserCreationForm[User]
    _ModelForm = forms.ModelForm[User]
else:  # generic to the type checker only
    _CreationForm = AdminUserCreationForm
    _ModelForm = forms.ModelForm


class SignInForm(AuthenticationForm):
    """Name, password, and a code where the account asks for one; the same lockout as everywhere."""

    otp = forms.CharField(
        label="Code",
        required=False,
        max_length=32,
        help_text="From your authenticator, or a recovery code, where your account asks for one.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )

    def clean(self) -> dict[str, Any]:
        """Sign in through the service, which counts failures and writes the audit trail."""
        data = self.cleaned_data
        if data.get("username") and data.get("password"):
            try:
                self.user_cache = sign_in(
                    data["username"], data["password"], data.get("otp", ""), through="pages"
                )
            except OtpRequired as refusal:
                raise ValidationError(
                    {"otp": "This account asks for a code."}, code=refusal.code
                ) from refusal
            except SignInRefused as refusal:
                raise ValidationError(str(refusal), code=refusal.code) from refusal
        return data


class NewPasswordForm(forms.Form):
    """A password, typed twice."""

    password = forms.CharField(
        label="New password",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=" ".join(password_validation.password_validators_help_texts()),
    )
    again = forms.CharField(
        label="The same again",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both alike."""
        data = self.cleaned_data
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            raise ValidationError({"again": "The two are not alike; type the password again."})
        return data


class OwnPasswordForm(NewPasswordForm):
    """One's own password: the current one first."""

    current_password = forms.CharField(
        strip=False, max_length=4096, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    field_order = ("current_password", "password", "again")


class AccountForm(_ModelForm):
    """What an admin may change of an account."""

    role = forms.ChoiceField(choices=Role.choices, help_text="What this person may do.")

    class Meta:
        model = User
        fields = ("role", "email", "first_name", "last_name", "is_active")
        help_texts: ClassVar = {
            "is_active": "A closed account is logged out at once and can't log in; nothing is lost."
        }


class NewAccountForm(_ModelForm):
    """A new account; its password is set through the link it gets."""

    role = forms.ChoiceField(choices=Role.choices, initial=Role.VIEWER, help_text="What this person may do.")

    class Meta:
        model = User
        fields = ("username", "email", "role", "first_name", "last_name")


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
