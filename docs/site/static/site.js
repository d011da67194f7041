document.addEventListener("DOMContentLoaded", () => {
  // What scrolls sideways can be reached by keyboard: wide tables, long lines of code and wide outputs.
  for (const box of document.querySelectorAll(".table-wrapper, .highlight pre, .cell_output, .cell_output figure")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
    }
  }
  // What the theme leaves unsaid to screen readers.
  for (const caption of document.querySelectorAll(".sidebar-tree .caption[role=heading]")) {
    caption.setAttribute("aria-level", "2");
  }
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "All pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
});
