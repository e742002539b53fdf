"""The live animal: one virtual mouse that answers at once."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/live", tags=["live"])
