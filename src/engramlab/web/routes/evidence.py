"""Published findings, scorecards and ablation matrices."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/evidence", tags=["evidence"])
