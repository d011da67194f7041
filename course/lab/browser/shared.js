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
 * Keep arrow keys and letters for the control that has the focus: JupyterLab would take them for its command mode.
 * Ctrl+S, Shift+Enter and the like stay JupyterLab's.
 */
function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    const forLab = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
    if (!forLab) event.stopPropagation();
  });
}

/** A `<figure>` that follows the model's `picture` (JPEG bytes), `width`, `alt` and `caption`. */
function livePicture(model) {
  // Decoded together with the paint: the old picture stays until the new one is there, so it never blinks.
  const image = element("img", { class: "course-picture", decoding: "sync" });
  const caption = element("figcaption", { class: "course-caption" });
  const showPicture = () => {
    if (!model.get("picture").byteLength) return;
    image.width = model.get("width");
    image.src = `data:image/jpeg;base64,${base64(model.get("picture"))}`;
  };
  const showAlt = () => { image.alt = model.get("alt"); };
  const showCaption = () => {
    caption.innerHTML = model.get("caption");
    typeset(model, caption);
  };
  const watched = { "change:picture": showPicture, "change:alt": showAlt, "change:caption": showCaption };
  for (const [event, react] of Object.entries(watched)) {
    model.on(event, react);
    react();
  }
  const release = () => {
    for (const [event, react] of Object.entries(watched)) model.off(event, react);
  };
  return { figure: element("figure", {}, image, caption), caption, release };
}

/** The bytes as text. A picture in its own address is on the screen half a frame sooner than one behind a blob's. */
function base64(view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
