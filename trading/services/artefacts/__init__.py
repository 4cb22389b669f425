"""Files of runs, uploads and parts in one place that every worker reaches, each named by what it holds.

``STORAGES["artefacts"]`` says where: a folder under TITAN_HOME, a folder that machines share, or a bucket.
A file is whole or not there, and what is read is verified against the name it is read by.
"""

from trading.services.artefacts.arrow import panel, put_panel, put_table, table
from trading.services.artefacts.files import (
    Kept,
    Kind,
    delete,
    exists,
    folders,
    forget_folder,
    get,
    local,
    names,
    put,
    put_chunks,
    put_named,
    read,
    sweep_drafts,
)

__all__ = [
    "Kept",
    "Kind",
    "delete",
    "exists",
    "folders",
    "forget_folder",
    "get",
    "local",
    "names",
    "panel",
    "put",
    "put_chunks",
    "put_named",
    "put_panel",
    "put_table",
    "read",
    "sweep_drafts",
    "table",
]
