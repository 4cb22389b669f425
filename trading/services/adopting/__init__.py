"""An embedded TITAN taken over into production: every row and every artefact, counted and hashed on both sides."""

from trading.services.adopting.service import Adopted, AdoptService

__all__ = ["AdoptService", "Adopted"]
