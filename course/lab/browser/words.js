// Words that the kernel may change.

function render({ model, el }) {
  const words = element("div", { class: "course-lab course-feedback", role: "status" });
  el.append(words);
  const showState = () => {
    words.innerHTML = model.get("words");
    words.dataset.tone = model.get("tone");
    typeset(model, words);
  };
  model.on("change", showState);
  showState();
  return () => model.off("change", showState);
}

export default { render };
