"""Accounts as admins see them, and invitations."""

from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers

from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import ROLE

__all__ = [
    "InvitationAcceptSerializer",
    "InvitationLinkSerializer",
    "InvitationSerializer",
    "InvitedUserSerializer",
    "UserCreateSerializer",
    "UserSerializer",
    "UserUpdateSerializer",
]


class UserSerializer(ReadSerializer):
    """An account."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    role = ChoiceField(choices=ROLE, allow_null=True, source="held_role")
    is_active = serializers.BooleanField()
    last_login = serializers.DateTimeField(allow_null=True)
    date_joined = serializers.DateTimeField()
    totp_enabled = serializers.BooleanField(source="has_totp")
    n_sessions = serializers.IntegerField(help_text="Sign-ins that hold.")
    n_keys = serializers.IntegerField(help_text="API keys that hold.")
    invited = serializers.BooleanField(help_text="Whether a link is out that nobody has used yet.")


class InvitationLinkSerializer(serializers.Serializer[Any]):
    """A link with which somebody sets their password, shown once."""

    url = serializers.CharField()
    expires_at = serializers.DateTimeField()
    mailed = serializers.BooleanField(help_text="Whether a letter with it has left this server.")


class InvitedUserSerializer(UserSerializer):
    """An account just made, and its link."""

    invitation = InvitationLinkSerializer()


class UserUpdateSerializer(Form):
    """What an admin may change of an account; what is left out stays."""

    role = ChoiceField(choices=ROLE, required=False)
    is_active = serializers.BooleanField(required=False)
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    first_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    last_name = serializers.CharField(required=False, allow_blank=True, max_length=150)


class UserCreateSerializer(Form):
    """A new account; it gets a link to set its password with."""

    username = serializers.CharField(max_length=150, validators=[UnicodeUsernameValidator()])
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    role = ChoiceField(choices=ROLE)
    first_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    last_name = serializers.CharField(required=False, allow_blank=True, max_length=150)


class InvitationSerializer(serializers.Serializer[Any]):
    """Whose password a link sets, and until when."""

    username = serializers.CharField()
    expires_at = serializers.DateTimeField()


class InvitationAcceptSerializer(Form):
    """A link's token and the password to be."""

    token = serializers.CharField(max_length=200)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
