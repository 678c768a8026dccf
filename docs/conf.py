"""How the documentation is built: `make docs`, without a request to the network."""

from __future__ import annotations

import sys
from pathlib import Path

import puffin

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "Puffin"
author = "the authors of Puffin"
copyright = author  # the name that Sphinx asks for
version = release = puffin.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_llm_friendly",
    "gallery",
    "markdown_copies",
    "mathml",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]

# Pages: Markdown. Its `code-cell` blocks run when it is built; results are kept until they change.
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "amsmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE.parent / "build" / "executed")
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

# The reference: numpydoc's sections, one page a name.
autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_title = "Puffin"
html_static_path = ["_static"]
html_css_files = ["puffin.css"]
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1f5a94",
        "color-brand-content": "#1f5a94",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7db3e6",
        "color-brand-content": "#7db3e6",
    },
}
html_math_renderer = "mathml"

llm_friendly_llms_txt_summary = (
    "Full, checked Bayesian posteriors for trading, at the speed of point estimates."
)
