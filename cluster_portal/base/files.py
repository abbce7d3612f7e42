"""Files that change exactly when their rows do.

A database takes back what a failed transaction has written; a folder or a bucket does not. So a file that was written for
a row goes again when the row does not come to be, and a file that a row no longer names goes once that is committed.
"""

import logging
import weakref
from functools import partial
from typing import Any

from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import models, transaction
from django.db.models import signals
from django.db.models.fields.files import FieldFile, ImageFieldFile

from cluster_portal.base.known import known

logger = logging.getLogger(__name__)


class FollowsRow(models.Field):
    """Beside Django's fields of files: see above. It holds for `save` and `delete`, those of cascades included; an
    `update()` of the column moves no file. For migrations the field is Django's own.
    """

    def contribute_to_class(self, cls: type[models.Model], name: str, *args: Any, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, *args, **kwargs)
        if not cls._meta.abstract:
            signals.post_delete.connect(self.drop, sender=cls)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """A new file is written; the one that it replaces goes with the commit."""
        of_pk = type(model_instance)._base_manager.filter(pk=model_instance.pk)
        before = None if add else of_pk.values_list(self.attname, flat=True).first()
        file = super().pre_save(model_instance, add)
        if before and before != file.name:
            transaction.on_commit(partial(drop_file, file.storage, before))
        return file

    def drop(self, instance: models.Model, **kwargs: Any) -> None:
        """The row is deleted: the file goes once that is committed."""
        if file := getattr(instance, self.attname):
            transaction.on_commit(partial(drop_file, file.storage, file.name))

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        base = next(base for base in type(self).__mro__ if base.__module__.startswith("django.db.models"))
        return name, f"django.db.models.{base.__name__}", args, kwargs


class Written(FieldFile):
    """A file that stays only if the row does that it is written for."""

    def save(self, name: str, content: File, save: bool = True) -> None:
        super().save(name, content, save=False)
        drop_unless_committed(self.storage, known(self.name))
        if save:
            self.instance.save()


class WrittenImage(Written, ImageFieldFile):
    """The same for a picture."""


class RowFileField(FollowsRow, models.FileField):
    """A file."""

    attr_class = Written


class RowImageField(FollowsRow, models.ImageField):
    """A picture."""

    attr_class = WrittenImage


class Commit:
    """What is called when the transaction commits."""

    def __call__(self) -> None:
        self.undo.detach()

    undo: weakref.finalize


def drop_unless_committed(storage: Storage, name: str) -> None:
    """Delete the file should the transaction, or the savepoint in it, be rolled back.

    Django calls nobody then: it only forgets what was to be done on commit. So the callback itself is watched: forgotten
    without having been called, it takes the file along. Without a transaction it is called at once.
    """
    commit = Commit()
    commit.undo = weakref.finalize(commit, drop_file, storage, name)
    transaction.on_commit(commit)


def drop_file(storage: Storage, name: str) -> None:
    """Delete a file that no row names. The change of the row stands already: a storage that is away is only logged."""
    try:
        storage.delete(name)
    except Exception:  # each storage has failures of its own
        logger.exception("the file %s is named by no row and could not be deleted", name)
