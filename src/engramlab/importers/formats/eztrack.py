"""Freezing by ezTrack: one file a video with a row a frame, or the summary of a batch.

Layout found in github.com/denisecailab/ezTrack, FreezeAnalysis_Functions.py (`SaveData`,
`Summarize`, `Batch`): ``VIDEO_FreezingOutput.csv`` has an unnamed row number and the columns File,
FPS, MotionCutoff, FreezeThresh, MinFreezeDuration, Frame, Motion, Freezing, in which Freezing is 0
or 100 in each frame; ``BatchSummary.csv`` has File, FileLength, FPS, MotionCutoff, FreezeThresh,
MinFreezeDuration, bin, range(f), Motion, Freezing, a row a video and time bin, Freezing in percent.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from engramlab.errors import DataError, Problem
from engramlab.importers.importer import DECIMAL, ENCODING, Ask, Importer, Options
from engramlab.importers.labels import SCORE_LABEL_ASKS, SCORE_LABELS, label_columns, labelled
from engramlab.importers.scores import Scores, checked_scores
from engramlab.importers.tables import Header, has_columns, numbers, read_header, read_table

FRAMES = ("File", "FPS", "Frame", "Motion", "Freezing")
BATCH = ("File", "FPS", "bin", "Motion", "Freezing")
ENDING = "_FreezingOutput.csv"
MOTION = "motion"  # pixels that changed from one frame to the next

BIN = Ask("bin", "all", "which time bin of a batch summary to take", "it has several")
SECONDS = Ask("seconds", "0-180", "which part of the videos to average")


def recognise(path: Path) -> bool:
    """Whether it is a file of either layout, or a folder with some."""
    if path.is_dir():
        return any(path.glob(f"*{ENDING}"))
    return has_columns(path, *FRAMES) or has_columns(path, *BATCH)


def read(path: Path, options: Options) -> Scores:
    """Read one file, or all ``*_FreezingOutput.csv`` of a folder.

    Raises
    ------
    DataError
    """
    if path.is_dir():
        files = sorted(path.glob(f"*{ENDING}"))
        if not files:
            raise DataError(Problem(str(path), f"holds no *{ENDING}", "the output of ezTrack"))
        tables = [_of_frames(file, read_header(file, options), options) for file in files]
    else:
        header = read_header(path, options)
        of = _of_batch if "bin" in header.columns else _of_frames
        tables = [of(path, header, options)]
    table = pd.concat(tables, ignore_index=len(tables) > 1)
    return checked_scores(
        path,
        table,
        options,
        options.columns,
        {MOTION: "Motion", options.columns.freezing: "Freezing"},
    )


def _of_batch(path: Path, header: Header, options: Options) -> pd.DataFrame:
    raw = read_table(path, options, BATCH, header=header)
    bins = list(dict.fromkeys(raw["bin"]))
    wanted = options.choice(BIN, bins)
    if wanted is None and len(bins) > 1:
        raise DataError(
            Problem(
                f"{path}, column 'bin'",
                f"has {len(bins)} time bins",
                f"--tell {BIN.name}=NAME with one of " + ", ".join(bins),
            )
        )
    return _scores(path, header, raw[raw["bin"] == (wanted or bins[0])], options)


def _of_frames(path: Path, header: Header, options: Options) -> pd.DataFrame:
    raw = read_table(path, options, FRAMES, header=header)
    found = {name: numbers(raw[name], options) for name in FRAMES[1:]}
    freezing, frame, rate = found["Freezing"], found["Frame"], found["FPS"]
    for row, value in raw.loc[~freezing.isin([0, 100]), "Freezing"].items():
        raise DataError(
            Problem(f"{path}, row {row}, column 'Freezing'", f"is '{value}'", "0 or 100")
        )
    for row, value in raw.loc[frame.to_numpy() != np.arange(len(raw)), "Frame"].items():
        raise DataError(
            Problem(
                f"{path}, row {row}, column 'Frame'",
                f"is '{value}': frames are missing, doubled or out of order",
                "frames 0, 1, 2, ... one row each",
            )
        )
    if not (rate.nunique() == 1 and rate.iloc[0] > 0):
        raise DataError(
            Problem(f"{path}, column 'FPS'", "is not one number above 0", "the video's frame rate")
        )
    part = _part(path, options, frame.to_numpy() / rate.iloc[0])
    means = {name: f"{found[name][part].mean():.10g}" for name in ("Motion", "Freezing")}
    first = raw.iloc[[0]].assign(**means)
    return _scores(path, header, first, options)


def _part(path: Path, options: Options, seconds: np.ndarray) -> np.ndarray:
    text = options.text(SECONDS)
    if text is None:
        return np.ones(len(seconds), bool)
    try:
        start, stop = (float(number) for number in text.split("-"))
    except ValueError:
        start = stop = 0.0
    inside = (seconds >= start) & (seconds < stop)
    if not inside.any() or stop > seconds[-1] + 2 * (seconds[-1] / len(seconds)):
        raise DataError(
            Problem(
                f"--tell {SECONDS.name}={text}",
                f"is no part of {path}",
                f"START-STOP within 0-{seconds[-1]:.0f}",
            )
        )
    return inside


def _scores(path: Path, header: Header, raw: pd.DataFrame, options: Options) -> pd.DataFrame:
    columns = label_columns(path, header, options, SCORE_LABELS, {})
    named = labelled(
        path, raw, options, columns, named_by="File", labels=SCORE_LABELS, needed=("animal",)
    )
    measures = {options.columns.freezing: "Freezing", MOTION: "Motion"}
    return pd.concat(
        [named.assign(measure=name, value=raw[column]) for name, column in measures.items()]
    )


IMPORTER = Importer(
    name="eztrack",
    title="ezTrack: a video's *_FreezingOutput.csv, a folder of them, or BatchSummary.csv",
    reads="scores",
    extensions=(ENDING, ".csv", "folder/"),
    recognise=recognise,
    read=read,
    asks=(*SCORE_LABEL_ASKS, BIN, SECONDS, ENCODING, DECIMAL),
)
