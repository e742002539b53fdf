"""Real data: the measures of `engramlab analyze` on an uploaded file."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/analyses", tags=["analysis"])
