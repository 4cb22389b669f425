"""People: roles as groups of model permissions, and preferences that are checked."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from tests.conftest import PASSWORD
from users.models import TradingPreferences, User
from users.roles import OUR_APPS, ROLE_PERMISSIONS, Role


def permissions_of(role: Role) -> set[str]:
    return {
        f"{p.content_type.app_label}.{p.codename}"
        for p in Group.objects.get(name=role).permissions.select_related("content_type")
    }


@pytest.mark.django_db
def test_every_permission_a_role_names_exists() -> None:
    existing = {
        f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")
    }
    for role, named in ROLE_PERMISSIONS.items():
        assert named <= existing, f"{role}: {named - existing}"
        assert permissions_of(Role(role)) == named


@pytest.mark.django_db
def test_each_role_may_what_the_lesser_one_may() -> None:
    viewer, trader, admin = (permissions_of(role) for role in Role)
    assert viewer < trader < admin
    ones_own = ("alert", "alertrule", "alertchannel", "watch", "tablelayout")
    assert all(
        name.split(".")[1].startswith("view_") or name.rpartition("_")[2] in ones_own for name in viewer
    )
    ours = {
        f"{p.content_type.app_label}.{p.codename}"
        for p in Permission.objects.filter(content_type__app_label__in=OUR_APPS).select_related(
            "content_type"
        )
    }
    assert admin == ours


def test_what_people_may(viewer: User, trader: User, admin: User) -> None:
    for permission, who in {
        "trading.view_tradingpair": (True, True, True),
        "trading.add_scan": (False, True, True),
        "trading.promote_scancandidate": (False, True, True),
        "trading.add_symbol": (False, True, True),
        "trading.cancel_job": (False, True, True),
        "users.add_user": (False, False, True),
        "trading.add_price": (False, False, True),
    }.items():
        assert tuple(user.has_perm(permission) for user in (viewer, trader, admin)) == who, permission


@pytest.mark.django_db
def test_migrating_again_mends_a_role_that_was_tampered_with() -> None:
    trader = Group.objects.get(name=Role.TRADER)
    before = permissions_of(Role.TRADER)
    trader.permissions.remove(Permission.objects.get(codename="add_scan"))
    trader.permissions.add(Permission.objects.get(codename="add_user"))
    call_command("migrate", database="default", verbosity=0)
    assert permissions_of(Role.TRADER) - before == set()
    assert before - permissions_of(Role.TRADER) == set()


def test_a_role_replaces_the_former_one(trader: User) -> None:
    extra = Group.objects.create(name="desk-a")
    trader.groups.add(extra)
    assert trader.roles == ["trader"]
    trader.assign_role(Role.ADMIN)
    assert (trader.roles, trader.is_staff) == (["admin"], True)
    trader.assign_role(Role.VIEWER)
    assert (trader.roles, trader.is_staff) == (["viewer"], False)
    assert extra in trader.groups.all()
    assert not User.objects.get(pk=trader.pk).has_perm("trading.add_scan")


def test_preferences_come_with_defaults(trader: User) -> None:
    preferences = TradingPreferences.objects.of(trader)
    assert (preferences.theme, preferences.timezone, preferences.default_timeframe) == ("system", "UTC", "1d")
    assert (preferences.scan_window_years, preferences.min_overlap, preferences.alpha) == (10, 250, 0.05)
    assert TradingPreferences.objects.of(trader) == preferences
    plain = User.objects.create_user("made-elsewhere")
    assert TradingPreferences.objects.of(plain).user == plain


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("theme", "neon"),
        ("timezone", "Mars/Olympus"),
        ("alpha", 0.9),
        ("scan_window_years", 0),
        ("min_overlap", 3),
    ],
)
def test_preferences_are_checked(trader: User, field: str, value: Any) -> None:
    preferences = TradingPreferences.objects.of(trader)
    setattr(preferences, field, value)
    with pytest.raises(ValidationError) as refusal:
        preferences.full_clean()
    assert field in refusal.value.message_dict


def test_the_database_refuses_an_alpha_that_is_none(trader: User) -> None:
    with pytest.raises(IntegrityError, match="preferences_alpha_in_range"), transaction.atomic():
        TradingPreferences.objects.filter(user=trader).update(alpha=2.0)


def test_an_account_is_made_with_a_role_in_the_admin(client: Client, admin: User) -> None:
    client.force_login(admin)
    answer = client.post(
        "/admin/users/user/add/",
        {
            "username": "newcomer",
            "email": "new@example.test",
            "role": "trader",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    newcomer = User.objects.get(username="newcomer")
    assert newcomer.roles == ["trader"]
    assert newcomer.check_password(PASSWORD)
    assert TradingPreferences.objects.filter(user=newcomer).exists()


def test_the_user_model_is_ours() -> None:
    assert apps.get_model("users", "User") is User
