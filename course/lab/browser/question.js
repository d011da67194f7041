// A question with radio buttons, a button to answer, and what the kernel says to the answer.

function render({ model, el }) {
  const root = element("div", { class: "course-lab course-question" });
  const group = freshId();
  const legend = element("legend", { html: model.get("question") });
  const choices = element("fieldset", {}, legend);
  const radios = model.get("options").map((html, i) => {
    const input = element("input", { type: "radio", id: `${group}-${i}`, name: group, value: i });
    const label = element("label", { for: input.id, html });
    choices.append(element("div", { class: "course-option" }, input, label));
    return input;
  });
  const button = element("button", { type: "button", class: "jupyter-button widget-button mod-primary" });
  const feedback = element("div", { class: "course-feedback", role: "status" });
  root.append(choices, button, feedback);
  el.append(root);
  typeset(model, choices);

  const chosen = () => radios.findIndex((radio) => radio.checked);
  button.addEventListener("click", () => model.send({ choice: chosen() }));

  const showState = () => {
    const at = model.get("chosen");
    if (at >= 0) radios[at].checked = true;
    button.textContent = model.get("button");
    feedback.innerHTML = model.get("feedback");
    feedback.hidden = feedback.innerHTML === "";
    feedback.dataset.tone = model.get("tone");
    typeset(model, feedback);
  };
  const watched = ["change:chosen", "change:button", "change:feedback", "change:tone"];
  for (const event of watched) model.on(event, showState);
  showState();
  keepKeys(root);
  return () => {
    for (const event of watched) model.off(event, showState);
  };
}

export default { render };
