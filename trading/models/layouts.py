"""Named arrangements of tables."""

from typing import Self

from django.db import models

from users.models import User

__all__ = ["TableLayout"]


class TableLayoutQuerySet(models.QuerySet["TableLayout"]):
    """Questions asked of layouts."""

    def visible_to(self, user: User) -> Self:
        """One's own, and no one else's."""
        return self.filter(owner=user)


class TableLayout(models.Model):
    """Columns, order, widths and sorting of one table under a name; the state is the application's own."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="table_layouts")
    table = models.SlugField(max_length=60, help_text="Which table: candidates, pairs, …")
    name = models.CharField(max_length=80)
    state = models.JSONField(default=dict)
    is_default = models.BooleanField(default=False, help_text="Whether the table opens with it.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TableLayoutQuerySet.as_manager()

    class Meta:
        ordering = ("table", "name")
        constraints = (
            models.UniqueConstraint(fields=("owner", "table", "name"), name="layout_name_once"),
            models.UniqueConstraint(
                fields=("owner", "table"), condition=models.Q(is_default=True), name="layout_one_default"
            ),
        )

    def __str__(self) -> str:
        return f"{self.table}: {self.name}"
