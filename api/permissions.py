"""Who may do what: Django model permissions by action, at the view and again at the object."""

from typing import TYPE_CHECKING, Any

from django.db.models import Model
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # DRF's views import this module while they load
    from rest_framework.views import APIView

__all__ = ["ActionPermission"]

VERBS = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "update": "change",
    "partial_update": "change",
    "destroy": "delete",
}
SIGNED_IN = ""


class ActionPermission(BasePermission):
    """Signed in, and holding the permission of the action.

    A viewset's ``permission_model`` gives the usual six actions theirs; ``action_permissions`` names the others'
    (and overrides), an empty name meaning that being signed in is enough. An action nobody named is refused.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether this person may do this at all."""
        if not request.user.is_authenticated:
            return False
        name = self._needed(view)
        if name is None:
            self.message = "This action has no permission named and is refused; tell the administrator."
            return False
        self.message = (
            f"You may not do this: it needs the permission {name}. Ask an administrator for the role."
        )
        return name == SIGNED_IN or request.user.has_perm(name)

    def has_object_permission(self, request: Request, view: "APIView", obj: Any) -> bool:
        """Whether this person may do it to this: owned things only by their owner."""
        owner_field = getattr(view, "owner_field", None)
        if owner_field and isinstance(obj, Model) and getattr(obj, f"{owner_field}_id") != request.user.pk:
            return False
        return self.has_permission(request, view)

    @staticmethod
    def _needed(view: "APIView") -> str | None:
        action = getattr(view, "action", SIGNED_IN)
        if action is None or action == "metadata":  # a method nobody answers: let it become 405
            return SIGNED_IN
        named: dict[str, str] = getattr(view, "action_permissions", {})
        if action in named:
            return named[action]
        model = getattr(view, "permission_model", None)
        if model is not None and action in VERBS:
            return f"{model._meta.app_label}.{VERBS[action]}_{model._meta.model_name}"
        return SIGNED_IN if action == SIGNED_IN else None
