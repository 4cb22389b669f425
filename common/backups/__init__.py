"""Backup and restore of a whole TITAN: both databases of one instant, the files of runs, proof that all came back."""

from common.backups.digests import Digest, fingerprint_of_files, total
from common.backups.folder import Backup, read
from common.backups.restoring import restore
from common.backups.taking import fingerprint, take

__all__ = ["Backup", "Digest", "fingerprint", "fingerprint_of_files", "read", "restore", "take", "total"]
