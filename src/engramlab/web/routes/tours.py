"""Guided tours."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/tours", tags=["tours"])
