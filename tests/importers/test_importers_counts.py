"""Counts of cells by QuPath, ImageJ and CellProfiler: files in their layout, and damaged ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engramlab.analysis import analyze
from engramlab.errors import DataError
from engramlab.importers import ColumnMap, importers, read_data
from engramlab.importers.counts import CellCounts

MICRON = "µm"
REGIONS = f"""\
Image\tObject ID\tObject type\tName\tClassification\tParent\tROI\tCentroid X {MICRON}\t\
Centroid Y {MICRON}\tNum Detections\tNum cFos (base)\tNum cFos: Positive\tNum mCherry\t\
Num cFos: Positive per mm^2\tArea {MICRON}^2\tPerimeter {MICRON}
m1_s1.tif\ta-1\tAnnotation\tDG\t\tRoot object (Image)\tPolygon\t10\t20\t30\t12\t10\t5\t20\t500000\t9
m1_s1.tif\ta-2\tAnnotation\tCA1\t\tRoot object (Image)\tPolygon\t50\t20\t8\t8\t4\t1\t8\t500000\t9
m1_s2.tif\ta-3\tAnnotation\tDG\t\tRoot object (Image)\tPolygon\t10\t20\t25\t22\t20\t4\t40\t250000\t9
m1_s2.tif\ta-4\tAnnotation\tDG\t\tRoot object (Image)\tPolygon\t90\t20\t5\t2\t2\t1\t8\t250000\t9
m2_s1.tif\ta-5\tAnnotation\tDG\t\tRoot object (Image)\tPolygon\t10\t20\t9\t7\t6\t3\t6\t1000000\t9
m2_s1.tif\ta-6\tAnnotation\tCA1\t\tRoot object (Image)\tPolygon\t50\t20\t7\t5\t2\t2\t4\t500000\t9
"""
CELLS = f"""\
Image\tObject ID\tName\tClass\tParent\tROI\tCentroid X {MICRON}\tCentroid Y {MICRON}\tNucleus: Area
m1.tif\tc-1\tPathCellObject\tPositive\tDG\tPolygon\t1\t1\t30
m1.tif\tc-2\tPathCellObject\tNegative\tDG\tPolygon\t2\t1\t30
m1.tif\tc-3\tPathCellObject\tPositive\tDG\tPolygon\t3\t1\tNaN
m1.tif\tc-4\tPathCellObject\t\tCA1\tPolygon\t4\t1\t30
m2.tif\tc-5\tPathCellObject\tPositive\tDG\tPolygon\t5\t1\t30
"""
PARTICLES = """\
 ,Label,Area,Mean,Min,Max,X,Y,IntDen
1,m1_DG.tif,52.1,101.2,80,120,10.5,20.1,5272
2,m1_DG.tif,48.0,99.0,80,120,30.5,22.1,4752
3,m1_CA1.tif:0002,50.5,110.0,80,120,15.5,20.1,5555
4,m2_DG.tif,50.5,110.0,80,120,15.5,20.1,5555
"""
SUMMARY = """\
Slice,Count,Total Area,Average Size,%Area,Mean
m1_DG.tif,12,601.5,50.125,0.573,101.2
m1_CA1.tif,0,0.000,NaN,0.000,NaN
m2_DG.tif,7,360.1,51.443,0.343,99.9
"""
IMAGES = """\
Count_Nuclei,Count_cFos,FileName_DNA,FileName_Fos,ImageNumber,Metadata_Animal,Metadata_Region
200,21,m1_DG_dna.tif,m1_DG_fos.tif,1,m1,DG
180,9,m1_CA1_dna.tif,m1_CA1_fos.tif,2,m1,CA1
190,14,m2_DG_dna.tif,m2_DG_fos.tif,3,m2,DG
"""
OBJECTS = """\
ImageNumber,ObjectNumber,Metadata_Animal,FileName_DNA,AreaShape_Area,Intensity_MeanIntensity_Fos
1,1,m1,m1_DG.tif,102,0.5
1,2,m1,m1_DG.tif,99,nan
2,1,m2,m2_DG.tif,101,0.25
"""


def written(tmp_path: Path, content: str, name: str = "d.tsv") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def counts(path: Path, columns: ColumnMap | None = None, /, **told: object) -> CellCounts:
    data = read_data(path, columns=columns, told=told)
    assert isinstance(data, CellCounts)
    return data


def error(path: Path, columns: ColumnMap | None = None, /, **told: object) -> str:
    with pytest.raises(DataError) as caught:
        read_data(path, columns=columns, told=told)
    return str(caught.value)


def by(found: CellCounts) -> dict[tuple[str, str, str], int]:
    table = found.by_animal()
    keys = zip(table["animal"], table["region"], table["marker"], strict=True)
    return dict(zip(keys, table["count"].tolist(), strict=True))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("qupath", REGIONS),
        ("qupath", CELLS),
        ("imagej", PARTICLES),
        ("imagej", SUMMARY),
        ("cellprofiler", IMAGES),
        ("cellprofiler", OBJECTS),
    ],
)
def test_each_layout_is_recognised_by_its_importer_alone(
    tmp_path: Path, name: str, content: str
) -> None:
    path = written(tmp_path, content, "d.csv" if "\t" not in content else "d.tsv")
    assert [one.name for one in importers().values() if one.recognise(path)] == [name]


def test_regions_of_qupath(tmp_path: Path) -> None:
    found = counts(written(tmp_path, REGIONS), names="{animal}_{}")
    assert by(found)[("m1", "DG", "cFos: Positive")] == 10 + 20 + 2
    assert by(found)[("m2", "CA1", "mCherry")] == 2
    assert set(found.table["marker"]) == {"cFos: Positive", "mCherry"}
    table = found.by_animal().set_index(["animal", "region", "marker"])
    # 32 cells in 0.5 + 0.25 + 0.25 mm2: the two pieces of DG in m1_s2 add up
    assert table.at[("m1", "DG", "cFos: Positive"), "per_mm2"] == pytest.approx(32.0)
    assert table.at[("m1", "DG", "cFos: Positive"), "images"] == 2
    pieces = found.table.query("image == 'm1_s2.tif' and marker == 'mCherry'")
    assert pieces["count"].tolist() == [5]


def test_scores_of_counts_are_densities_and_can_be_analysed(tmp_path: Path) -> None:
    found = counts(written(tmp_path, REGIONS), names="{animal}_{}")
    scores = found.scores()
    row = scores.table.query("animal == 'm2' and measure == 'mCherry, DG [cells per mm2]'")
    assert row["value"].tolist() == [3.0]
    other = analyze(scores).other.set_index("measure")
    assert other.at["mCherry, DG [cells per mm2]", "animals"] == 2
    assert other.at["mCherry, DG [cells per mm2]", "mean"] == pytest.approx((10 + 3) / 2)


def test_areas_in_pixels_give_no_density_until_the_pixel_size_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, REGIONS.replace(f"Area {MICRON}^2", "Area px^2"))
    assert counts(path, names="{animal}_{}").scores().table["measure"].str.contains("image").all()
    found = counts(path, names="{animal}_{}", pixel_size_um=2)
    assert found.table["area_mm2"].tolist()[0] == pytest.approx(2.0)


def test_cells_of_qupath_are_counted(tmp_path: Path) -> None:
    found = counts(written(tmp_path, CELLS), names="{animal}")
    assert by(found) == {
        ("m1", "DG", "Positive"): 2,
        ("m1", "DG", "Negative"): 1,
        ("m1", "DG", "unclassified"): 0,
        ("m1", "CA1", "Positive"): 0,
        ("m1", "CA1", "Negative"): 0,
        ("m1", "CA1", "unclassified"): 1,
        ("m2", "DG", "Positive"): 1,
        ("m2", "DG", "Negative"): 0,
        ("m2", "DG", "unclassified"): 0,
    }
    only = counts(
        written(tmp_path, CELLS), ColumnMap(where={"marker": "Positive"}), names="{animal}"
    )
    assert set(only.table["marker"]) == {"Positive"}


def test_cells_are_counted_over_the_parts_in_which_a_table_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = by(counts(written(tmp_path, CELLS), names="{animal}"))
    monkeypatch.setattr("engramlab.importers.tables.CHUNK_ROWS", 2)
    assert by(counts(written(tmp_path, CELLS), names="{animal}")) == whole
    doubled = written(tmp_path, CELLS + CELLS.splitlines(keepends=True)[1])
    assert "row 7: the object was there before" in error(doubled, names="{animal}")


def test_what_a_table_of_cells_cannot_know_is_said(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"images and regions without any cell.*annotations"):
        counts(written(tmp_path, CELLS), names="{animal}")
    with pytest.warns(UserWarning, match=r"Summary\.csv"):
        counts(written(tmp_path, PARTICLES, "r.csv"), names="{animal}_{region}", marker="cFos")
    with pytest.warns(UserWarning, match=r"Image\.csv"):
        counts(written(tmp_path, OBJECTS, "o.csv"), region="DG", marker="Nuclei")


def test_columns_have_the_meaning_that_is_told(tmp_path: Path) -> None:
    columns = ColumnMap(columns={"region": "ROI"})
    assert set(counts(written(tmp_path, CELLS), columns, names="{animal}").table["region"]) == {
        "Polygon"
    }
    message = error(written(tmp_path, CELLS), ColumnMap(columns={"region": "Parnet"}))
    assert "did you mean 'Parent'" in message
    assert "has no meaning here" in error(
        written(tmp_path, CELLS), ColumnMap(columns={"value": "ROI"})
    )


def test_one_name_for_rows_that_differ_is_refused(tmp_path: Path) -> None:
    message = error(written(tmp_path, CELLS), names="{animal}", marker="cFos")
    assert "column 'Class' holds several: Positive, Negative" in message


def test_particles_of_imagej_are_counted_by_image(tmp_path: Path) -> None:
    path = written(tmp_path, PARTICLES, "Results.csv")
    found = counts(path, names="{animal}_{region}", marker="cFos")
    assert by(found) == {("m1", "DG", "cFos"): 2, ("m1", "CA1", "cFos"): 1, ("m2", "DG", "cFos"): 1}
    assert found.scores().table["measure"].tolist()[0] == "cFos, DG [cells per image]"


def test_particles_without_labels_are_one_image_with_the_files_name(tmp_path: Path) -> None:
    lines = [line.split(",") for line in PARTICLES.splitlines()]
    content = "\n".join(",".join(fields[:1] + fields[2:]) for fields in lines) + "\n"
    path = written(tmp_path, content, "m1_DG.csv")
    assert by(counts(path, names="{animal}_{region}", marker="cFos")) == {("m1", "DG", "cFos"): 4}


def test_a_summary_of_imagej_keeps_images_without_cells(tmp_path: Path) -> None:
    found = counts(written(tmp_path, SUMMARY, "s.csv"), names="{animal}_{region}", marker="cFos")
    assert by(found) == {
        ("m1", "DG", "cFos"): 12,
        ("m1", "CA1", "cFos"): 0,
        ("m2", "DG", "cFos"): 7,
    }


def test_images_of_cellprofiler(tmp_path: Path) -> None:
    found = counts(written(tmp_path, IMAGES, "Image.csv"))
    assert by(found)[("m1", "DG", "cFos")] == 21
    assert by(found)[("m2", "DG", "Nuclei")] == 190
    message = error(written(tmp_path, IMAGES, "Image.csv"), names="{animal}_{region}_{}")
    assert "--tell named_by=COLUMN with one of FileName_DNA, FileName_Fos" in message


def test_objects_of_cellprofiler_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, OBJECTS, "Nuclei.csv")
    assert "brain region" in error(path)
    assert "what the counted cells are" in error(path, region="DG")
    assert by(counts(path, region="DG", marker="Nuclei")) == {
        ("m1", "DG", "Nuclei"): 2,
        ("m2", "DG", "Nuclei"): 1,
    }


@pytest.mark.parametrize("content", [REGIONS, CELLS, PARTICLES, SUMMARY])
def test_which_animal_it_is_is_asked_for(tmp_path: Path, content: str) -> None:
    message = error(written(tmp_path, content, "d.csv"))
    assert "--tell animal=m1, or --column animal=COLUMN" in message
    assert "--tell names=" in message


@pytest.mark.parametrize(
    ("content", "change", "says"),
    [
        (
            REGIONS,
            ("\t30\t12\t10\t", "\t30\t12\tmany\t"),
            "row 2, column 'Num cFos: Positive': the",
        ),
        (REGIONS, ("\t30\t12\t10\t", "\t30\t12\tNaN\t"), "a whole number of cells"),
        (REGIONS, ("\t30\t12\t10\t", "\t30\t12\t10.5\t"), "a whole number of cells"),
        (REGIONS, ("\t30\t12\t10\t", "\t30\t12\t-1\t"), "a whole number of cells"),
        (REGIONS, ("\t500000\t9\nm1_s2", "\t-5\t9\nm1_s2"), "row 3, column 'Area µm^2': is '-5'"),
        (REGIONS, ("a-2", "a-1"), "row 3: the object was there before (same Object ID)"),
        (
            REGIONS,
            ("\tDG\t\tRoot object (Image)\tPolygon\t90", "\t\t\tR\tPolygon\t90"),
            "region is",
        ),
        (REGIONS, ("m2_s1.tif\ta-6", "m2.tif\ta-6"), "row 7, column 'Image': the name 'm2.tif'"),
        (REGIONS, ("\t2\t4\t500000\t9\n", "\t2\t4\n"), "row 7: has 14 fields"),
        (REGIONS, ("Annotation", "Detection"), "no row is an Annotation"),
        (PARTICLES, ("48.0", "NaN"), "row 3, column 'Area': the particle's area is 'NaN'"),
        (PARTICLES, (",5555\n4", "\n4"), "row 4: has 8 fields"),
        (SUMMARY, ("m2_DG", "m1_DG"), "row 4: counts 'm1_DG.tif' again"),
        (SUMMARY, (",12,", ",twelve,"), "row 2, column 'Count': the count is 'twelve'"),
        (IMAGES, (",3,m2", ",1,m2"), "row 4, column 'ImageNumber': image 1 is there twice"),
        (IMAGES, ("180,9,", "180,nan,"), "row 3, column 'Count_cFos': the count is 'nan'"),
        (OBJECTS, ("1,1,m1,m1_DG.tif,102,0.5\n", ""), "image 1: has 1 objects, numbered up to 2"),
        (OBJECTS, ("1,2,m1", "1,x,m1"), "row 3, column 'ObjectNumber': the count is 'x'"),
        (OBJECTS, (",0.25\n", "\n"), "row 4: has 5 fields"),
    ],
)
def test_damage_is_named(tmp_path: Path, content: str, change: tuple[str, str], says: str) -> None:
    assert change[0] in content
    told: dict[str, str] = {"names": "{animal}_{}"} if content in (REGIONS, OBJECTS) else {}
    if content in (PARTICLES, SUMMARY):
        told = {"names": "{animal}_{region}"}
    if content in (PARTICLES, SUMMARY, OBJECTS):
        told["marker"] = "cFos"
    if content == OBJECTS:
        told["region"] = "DG"
    changed = content.replace(change[0], change[1], -1 if change[0] == "Annotation" else 1)
    assert says in error(written(tmp_path, changed, "d.csv"), **told)


def test_an_animal_in_two_groups_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, REGIONS.replace("m1_s2", "m1_s2b").replace("s1.tif", "s1a.tif"))
    columns = ColumnMap(columns={"group": "Image"})
    message = error(path, columns, names="{animal}_{}")
    assert "animal 'm1': is in the groups m1_s1a.tif and m1_s2b.tif" in message


def test_a_mu_in_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "d.tsv"
    path.write_bytes(REGIONS.encode("cp1252"))
    message = error(path, names="{animal}_{}")
    assert "row 1: byte" in message
    found = counts(path, names="{animal}_{}", encoding="cp1252")
    assert found.table["area_mm2"].iloc[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("qupath", REGIONS),
        ("qupath", CELLS),
        ("imagej", PARTICLES),
        ("imagej", SUMMARY),
        ("cellprofiler", IMAGES),
        ("cellprofiler", OBJECTS),
    ],
)
def test_a_table_without_rows_is_refused(tmp_path: Path, name: str, content: str) -> None:
    path = written(tmp_path, content.splitlines(keepends=True)[0], "d.csv")
    with pytest.raises(DataError, match="no rows"):
        read_data(path, name, told={"animal": "m1", "marker": "x", "region": "DG"})


def test_a_table_of_several_objects_of_cellprofiler_is_refused_with_a_remedy(
    tmp_path: Path,
) -> None:
    two = "Image,Nuclei,Nuclei,Cells\nImageNumber,ObjectNumber,Area,Area\n1,1,5,6\n"
    assert "one kind of object a file" in error(written(tmp_path, two, "d.csv"))


def test_excel_exports_are_read_too(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    source = written(tmp_path, SUMMARY, "s.csv")
    path = tmp_path / "s.xlsx"
    pd.read_csv(source).to_excel(path, index=False)
    found = counts(path, names="{animal}_{region}", marker="cFos")
    assert by(found)[("m1", "DG", "cFos")] == 12
    assert np.isnan(found.table["area_mm2"]).all()
