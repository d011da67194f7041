// A picture, its caption, and the controls that move it. Values live in the kernel; here a control is an index.

function render({ model, el }) {
  const root = element("div", { class: "course-lab course-explorer" });
  const notice = element("p", { class: "course-notice", role: "status" });
  const controls = element("fieldset", { class: "course-controls" });
  const picture = livePicture(model);
  picture.caption.setAttribute("aria-live", "polite");
  const fields = model.get("controls").map((spec, i) => makeControl(spec, () => moved(i)));
  for (const field of fields) controls.append(...field.nodes);
  root.append(notice, controls, picture.figure);
  el.append(root);
  fields.forEach((field) => typeset(model, field.nodes[0]));

  // One message is under way at most. While the kernel draws, newer positions replace older ones and are sent when its
  // answer is here: no stale frame ever queues, and the last position is always drawn.
  let turn = 0, waiting = false, newer = false;
  const positions = () => fields.map((field) => field.position());
  const send = () => {
    waiting = true;
    newer = false;
    root.dataset.asked = ++turn;
    model.send({ positions: positions(), turn });
  };
  const moved = () => (waiting ? (newer = true) : send());

  const answered = () => {
    if (waiting && model.get("turn") !== turn) return;
    waiting = false;
    root.dataset.answered = turn;  // a small move may leave the picture as it is, yet it was answered
    if (newer) send();
    else if (String(model.get("positions")) !== String(positions())) showPositions();  // moved in another view
  };
  const showPositions = () => fields.forEach((field, i) => field.show(model.get("positions")[i]));

  const showLock = () => {
    const reason = model.get("locked");
    controls.disabled = reason !== "";
    for (const control of controls.querySelectorAll("input, select")) control.disabled = reason !== "";
    notice.hidden = reason === "";
    notice.textContent = reason;
  };

  const showFailure = () => root.classList.toggle("course-failed", model.get("failed"));
  const watched = { "change:turn": answered, "change:locked": showLock, "change:failed": showFailure };
  for (const [event, react] of Object.entries(watched)) model.on(event, react);
  showPositions();
  showFailure();
  showLock();
  keepKeys(root);
  return () => {
    for (const [event, react] of Object.entries(watched)) model.off(event, react);
    picture.release();
  };
}

/** One control: its DOM nodes (label first), the index it stands at, and how to show another. */
function makeControl({ name, kind, label, texts }, onMove) {
  const id = freshId();
  const caption = element("label", { for: id, html: label });
  const last = texts.length - 1;
  if (kind === "range") {
    const input = element("input", { id, name, type: "range", min: 0, max: last, step: 1 });
    const value = element("output", { for: id });
    const read = () => {
      value.textContent = texts[input.value];
      input.setAttribute("aria-valuetext", texts[input.value]);
    };
    input.addEventListener("input", () => { read(); onMove(); });
    return { nodes: [caption, input, value], position: () => +input.value,
             show: (at) => { input.value = at; read(); } };
  }
  if (kind === "switch") {
    const input = element("input", { id, name, type: "checkbox" });
    input.addEventListener("change", onMove);
    return { nodes: [caption, input, element("span")], position: () => +input.checked,
             show: (at) => { input.checked = at === 1; } };
  }
  const input = element("select", { id, name }, ...texts.map((text) => element("option", {}, text)));
  input.addEventListener("change", onMove);
  return { nodes: [caption, input, element("span")], position: () => input.selectedIndex,
           show: (at) => { input.selectedIndex = at; } };
}

export default { render };
