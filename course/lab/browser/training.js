// A picture that the kernel changes while a training loop runs, with a progress bar.

function render({ model, el }) {
  const bar = element("progress", { max: model.get("total"), "aria-label": "training progress" });
  const picture = livePicture(model);
  const root = element("div", { class: "course-lab course-training" }, bar, picture.figure);
  el.append(root);
  const showDone = () => { bar.value = model.get("done"); };
  model.on("change:done", showDone);
  showDone();
  return () => {
    model.off("change:done", showDone);
    picture.release();
  };
}

export default { render };
