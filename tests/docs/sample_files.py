"""The files that commands of the documentation read: small, made by us, in their formats."""

from __future__ import annotations

import gzip
import re
import shutil
from itertools import product
from pathlib import Path

import h5py
import numpy as np
from shell_blocks import DOCS, REPOSITORY

SESSIONS = ("hc0", "cfc", "hc1", "neutral1", "training1", "hc2", "neutral2", "training2")
SUMMARY = "Slice,Count,Total Area,Average Size,%Area,Mean\nm1_DG.tif,12,601.5,50.1,0.6,101.2\n"
COUNTED = """\
animal,group,region,EGFP,cFos,both,DAPI
1,light,DG,40,50,12,1000
2,light,DG,45,60,11,1100
3,home,DG,41,20,1,1000
4,home,DG,39,25,2,1050
"""
CELLS = """\
Image\tObject ID\tName\tClass\tParent\tROI\tCentroid X µm\tCentroid Y µm\tNucleus: Area
m1_1.tif\tc-1\tPathCellObject\tPositive\tDG\tPolygon\t1\t1\t30
m1_1.tif\tc-2\tPathCellObject\tNegative\tDG\tPolygon\t2\t1\t30
m2_1.tif\tc-3\tPathCellObject\tPositive\tDG\tPolygon\t3\t1\t30
"""


def write_protocol(folder: Path) -> None:
    """Take the protocol that the page on protocols shows."""
    block = re.search(r"```yaml\n(.*?)```", (DOCS / "protocols.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    (folder / "my-protocol.yaml").write_text(block[1], encoding="utf-8")


def write_scores(path: Path, animal: str, value: str) -> None:
    """Write scores of six animals, in the columns of Tomé et al. 2024 but for two names."""
    lines = [f"experiment,group,phase,condition,hours,hours_post_cfc,metric,{animal},{value}"]
    for which, hours, phase in product(range(1, 7), (1, 24), ("training", "novel")):
        score = 20 + 5 * which + 10 * (phase == "training")
        lines.append(
            f"A,control,recall-{phase},recall-{phase},{hours},{hours},freezing,{which},{score}"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_recordings(folder: Path) -> None:
    """Write two sessions of suite2p and the cells that are the same in both."""
    rng = np.random.default_rng(1)
    for session in ("day1", "day2"):
        plane = folder / "recordings" / session / "suite2p" / "plane0"
        plane.mkdir(parents=True)
        for name in ("F", "Fneu", "spks"):
            np.save(plane / f"{name}.npy", rng.random((5, 60)).astype(np.float32))
        np.save(plane / "iscell.npy", np.ones((5, 2)))
    table = np.tile(np.arange(1.0, 6.0), (2, 1))  # as MATLAB stores it: a row a session
    with h5py.File(folder / "cellRegistered_20240101.mat", "w", userblock_size=512) as file:
        file["cell_registered_struct/cell_to_index_map"] = table
        file["cell_registered_struct/cell_scores"] = np.ones((1, 5))
    with (folder / "cellRegistered_20240101.mat").open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(128))


def write_matrices(folder: Path) -> None:
    """Write a matrix a session, as the shared recordings are."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(2)
    for animal, session in product(("mouse1", "mouse3"), SESSIONS):
        rows = "\n".join(",".join(f"{x:.2f}" for x in row) for row in rng.random((60, 6)))
        with gzip.open(folder / f"{animal}_{session}.csv.gz", "wt") as stream:
            stream.write(rows + "\n")


def prepare(page: str, folder: Path) -> None:
    """Write what the commands of a page expect to find."""
    write_protocol(folder)
    shutil.copytree(REPOSITORY / "examples", folder / "examples")
    write_scores(folder / "experimental-data.csv", "trial", "score")
    if page == "docs/real-data.md":
        (folder / "Summary.csv").write_text(SUMMARY, encoding="utf-8")
        (folder / "measurements.tsv").write_text(CELLS, encoding="utf-8")
        write_scores(folder / "scores.csv", "mouse", "score")
        write_recordings(folder)
        write_matrices(folder.parent / "shared" / "data" / "tome2024" / "imaging")
    if page == "docs/imaging.md":
        write_matrices(folder.parent / "shared" / "data" / "tome2024" / "imaging")
        (folder / "counted-cells.csv").write_text(COUNTED, encoding="utf-8")
    if page == "docs/tutorials/analyst.md":  # made by an earlier cell of that notebook
        shutil.copy(REPOSITORY / "examples" / "simulated-scores.csv", folder / "scores.csv")
