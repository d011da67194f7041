// What every widget of the course needs in the browser. Python puts this file before the widget's own.

/** An element with attributes and children; `html` is markup that the kernel has escaped. */
function element(tag, { html, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== false) node.setAttribute(name, value);
  if (html !== undefined) node.innerHTML = html;
  node.append(...children);
  return node;
}

/** Let the notebook typeset `$maths$` in `node`; where the page has no typesetter the source stays readable. */
function typeset(model, node) {
  if (node.textContent.includes("$")) model.widget_manager?._rendermime?.latexTypesetter?.typeset(node);
}

let ids = 0;
const freshId = () => `course-${Date.now().toString(36)}-${ids++}`;

/**
 * Keep arrow keys and letters for the control that has the focus: JupyterLab takes them for its command mode, and sees
 * them first. Ctrl+S, Shift+Enter and the like stay JupyterLab's. Returns the function that ends it.
 */
function keepKeys(root) {
  const decide = (event) => {
    if (!root.contains(event.target)) return;
    const forLab = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
    root.toggleAttribute("data-lm-suppress-shortcuts", !forLab);
  };
  window.addEventListener("keydown", decide, true);
  return () => window.removeEventListener("keydown", decide, true);
}

/** A `<figure>` that follows the model's `picture` (JPEG bytes), `width`, `alt` and `caption`. */
function livePicture(model) {
  const image = element("img", { class: "course-picture" });
  const caption = element("figcaption", { class: "course-caption" });
  let shown, newest;
  const showPicture = async () => {
    if (!model.get("picture").byteLength) return;
    const url = URL.createObjectURL(new Blob([model.get("picture")], { type: "image/jpeg" }));
    const next = (newest = new Image());
    next.src = url;
    await next.decode().catch(() => {});  // swap only what is ready, so that the picture never blinks
    if (next !== newest) return URL.revokeObjectURL(url);
    image.width = model.get("width");
    image.src = url;
    URL.revokeObjectURL(shown);
    shown = url;
  };
  const showWords = () => {
    image.alt = model.get("alt");
    caption.innerHTML = model.get("caption");
    typeset(model, caption);
  };
  const watched = { "change:picture": showPicture, "change:alt": showWords, "change:caption": showWords };
  for (const [event, react] of Object.entries(watched)) model.on(event, react);
  showPicture();
  showWords();
  const release = () => {
    for (const [event, react] of Object.entries(watched)) model.off(event, react);
    URL.revokeObjectURL(shown);
  };
  return { figure: element("figure", {}, image, caption), caption, release };
}
