"""Pages as Markdown too: results as the text they are, and all pages in one file.

`sphinx_llm_friendly` writes a Markdown copy beside each page and lists them in `llms.txt`. Here it
learns what it does not know: a notebook's results and numpydoc's types.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

LINK = re.compile(r"^- \[[^\]]*\]\(([^)]+)\)", re.MULTILINE)


class ResultsAsText(SphinxPostTransform):
    """In the Markdown copy a result is its text, on the page its table and picture."""

    default_priority = 3  # before myst_nb takes the richest form
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Keep both forms of each result that has both."""
        for result in list(self.document.findall(_is_result)):
            forms = {form["mime_type"]: form for form in result.children}
            if {"text/html", "text/plain"} <= forms.keys():
                text = forms["text/plain"].deepcopy().children
                shown = addnodes.only("", result.deepcopy(), expr="not llm")
                result.replace_self([addnodes.only("", *text, expr="llm"), shown])
        for code in self.document.findall(nodes.literal_block):
            if code.get("language") == "ipython3":
                code["language"] = "python"


def _is_result(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def _visit_type(translator: Any, node: nodes.classifier) -> None:
    translator.add(f" ({node.astext()})")
    raise nodes.SkipNode


def _write_all(app: Sphinx, failed: Exception | None) -> None:
    """Write all pages that there are to `llms-full.txt`, in the order of `llms.txt`."""
    if failed is None and app.builder.name == "html":
        out = Path(app.outdir)
        pages = LINK.findall((out / "llms.txt").read_text(encoding="utf-8"))
        written = [out / page for page in pages if (out / page).is_file()]
        texts = [page.read_text(encoding="utf-8") for page in written]
        (out / "llms-full.txt").write_text("\n\n".join(texts), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the transform, the handler, and the file of all pages."""
    app.add_post_transform(ResultsAsText)
    app.add_node(nodes.classifier, override=True, llm_markdown=(_visit_type, None))
    app.connect("build-finished", _write_all, priority=900)  # after llms.txt
    return {"parallel_read_safe": True, "parallel_write_safe": True}
