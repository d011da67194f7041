"""How Sphinx makes pages of what tools/build_site.py has gathered. Neither building nor reading may need a network."""

project = "course"
author = "The course authors"
html_title = "course"
extensions = ["myst_nb"]
root_doc = "index"

# The lessons are stored executed: the site shows what is stored and runs nothing.
nb_execution_mode = "off"
nb_merge_streams = True
nb_render_markdown_format = "myst"  # the map of formulas is such an output: a table with links
# What the lessons are written in; links to headings are JupyterLab's, so that one link works in both.
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 4
myst_heading_slug_func = "build_site.jupyters_anchor"

# One file holds MathJax and its fonts; see `bundle_mathjax` in tools/build_site.py. Captions inside outputs are HTML,
# where JupyterLab typesets $…$ too.
mathjax_path = "mathjax.js"
mathjax3_config = {
    "tex": {"inlineMath": [["$", "$"], ["\\(", "\\)"]], "processEscapes": True},
    "options": {"ignoreHtmlClass": "tex2jax_ignore|mathjax_ignore|document",
                "processHtmlClass": "tex2jax_process|mathjax_process|math|output_area|cell_output"},
}  # fmt: skip
myst_update_mathjax = False

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
pygments_dark_style = "github-dark-high-contrast"
html_show_search_summary = False  # it would be fetched, which a browser refuses for pages opened from a disk
add_module_names = False
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True
