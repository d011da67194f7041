// What scrolls sideways can be reached by keyboard: wide tables, long lines of code and wide outputs.
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".table-wrapper, .highlight pre, .cell_output, .cell_output figure")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
    }
  }
});
