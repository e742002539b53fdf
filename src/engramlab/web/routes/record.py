"""What was recorded in a finished run: neurons, activity, tags, by animal and session."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/runs", tags=["record"])
