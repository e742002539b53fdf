"""The documentation site: `python3 tasks.py docs`. Every warning is an error."""

from __future__ import annotations

import inspect
import os
import re
import sys
from importlib import import_module
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
GENERATED = HERE / "generated"
PACKAGES = (  # in the order in which data flow
    "engramlab",
    "engramlab.protocol",
    "engramlab.brain",
    "engramlab.cohort",
    "engramlab.record",
    "engramlab.live",
    "engramlab.measures",
    "engramlab.statistics",
    "engramlab.importers",
    "engramlab.analysis",
    "engramlab.evidence",
    "engramlab.tours",
    "engramlab.studies",
    "engramlab.report",
    "engramlab.export",
    "engramlab.errors",
)

project = "engramlab"
author = "the engramlab authors"
copyright = author  # the name that Sphinx asks for
version = release = installed("engramlab")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "jupyter_execute"]
source_suffix = {".md": "myst-nb"}

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_timeout = -1  # no time limit: the machine may be busy
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_execution_in_temp = True
# Notebooks call the command beside the Python that builds them.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

autodoc_typehints = "none"  # the docstrings say types in words
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "furo"
html_title = "engramlab"
html_math_renderer = "mathml"  # shown by every browser; nothing is fetched from elsewhere
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
pygments_style = "friendly"
pygments_dark_style = "monokai"


def setup(app: Sphinx) -> None:
    """Connect what follows."""
    app.add_html_math_renderer("mathml", (_inline_maths, None), (_block_maths, None))
    app.connect("builder-inited", _generate)
    app.connect("source-read", _list_other_pages)
    app.connect("source-read", _name_findings)


def _inline_maths(translator: Any, node: nodes.math) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def _block_maths(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="maths">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def _generate(_: Sphinx) -> None:
    """Write the pages that are made from the code: mechanisms, and the reference of Python."""
    from engramlab.brain import Brain
    from engramlab.brain.markdown import mechanisms_markdown

    page = mechanisms_markdown(Brain())
    _write("mechanisms.md", page.replace("](model.md)", "](../model.md)"))
    for package in PACKAGES:
        _write(f"{package}.md", _reference(package))


def _write(name: str, text: str) -> None:
    path = GENERATED / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:  # else Sphinx reads it again
        path.write_text(text, encoding="utf-8")


def _reference(package: str) -> str:
    """A page with a table of the public names of a package, and their docstrings."""
    module = import_module(package)
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == package
    ]
    rows, documented = [], []
    for name in names:
        value = getattr(module, name)
        vars(module).setdefault(name, value)  # what is loaded when first used is loaded now
        home = _home(value, package)
        kind = "class" if inspect.isclass(value) else "function" if callable(value) else "data"
        summary = "" if kind == "data" else (inspect.getdoc(value) or "").split("\n\n")[0]
        rows += [f"   * - :py:obj:`~{home}.{name}`", f"     - {' '.join(summary.split())}"]
        if home != package:
            continue
        if kind == "data":  # its docstring would be that of a dictionary
            documented += [f".. py:data:: {name}", ""]
        else:
            members = ["   :members:"] if kind == "class" else []
            documented += [f".. auto{kind}:: {name}", *members, ""]
    head = [f"# {package}", "", "```{eval-rst}", f".. automodule:: {package}", "   :no-members:"]
    table = ["", ".. list-table::", "   :widths: 35 65", "", *rows, ""]
    return "\n".join([*head, *table, f".. currentmodule:: {package}", "", *documented, "```", ""])


def _home(value: object, package: str) -> str:
    """The package that documents an object: the one below which it is defined."""
    where = getattr(value, "__module__", package)
    homes = [one for one in PACKAGES if one != "engramlab" and f"{where}.".startswith(f"{one}.")]
    return homes[0] if package == "engramlab" and homes else package


def _list_other_pages(app: Sphinx, name: str, source: list[str]) -> None:
    """Let the index take up every page of this folder that no table of contents names."""
    if name != "index":
        return
    named = set(re.findall(r"^(?:.*<)?([\w./-]+)>?$", source[0], flags=re.MULTILINE))
    others = sorted(p.stem for p in HERE.glob("*.md") if p.stem not in {*named, "index"})
    source[0] = source[0].replace("OTHER-PAGES", "\n".join(others))


def _name_findings(app: Sphinx, name: str, source: list[str]) -> None:
    """Make the anchors of the catalogue, which any Markdown reader knows, Sphinx's own."""
    if name == "findings":
        source[0] = re.sub(r'<a id="(\w+)"></a>', r"(\1)=", source[0])
