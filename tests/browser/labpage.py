"""What the browser tests do in JupyterLab, and what they watch meanwhile."""

from __future__ import annotations

import statistics
from urllib.parse import quote, urlsplit

# A message sent before the websocket is connected, or while the kernel still starts, is lost without a word.
READY = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  return !!(kernel && kernel.connectionStatus === "connected" && kernel.status === "idle" && panel.content?.activeCell);
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap((cell, index) =>
  (cell.model.toJSON().outputs ?? []).map((output) => ({ index, ...output })))"""
# A widget's view stands a while after its cell ran: the browser fetches the model and imports the module first.
WIDGETS_STAND = """() => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const views = notebook.widgets.flatMap((cell) => cell.model.toJSON().outputs ?? [])
    .filter((output) => output.data?.["application/vnd.jupyter.widget-view+json"]);
  return notebook.node.querySelectorAll(".course-lab").length === views.length;
}"""
NOTHING_LOCKED = "() => !document.querySelector('.course-controls:disabled')"
# From the key press (the event's own time stamp) until a frame with the answer, as a rule another picture, was painted.
ARM = """(image) => {
  const state = () => image.src + (image.closest(".course-explorer")?.dataset.answered ?? "");
  const before = state();
  let pressed = null;
  window.addEventListener("keydown", (event) => { pressed = event.timeStamp; }, { capture: true, once: true });
  window.answered = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("30 s after the key press there is no answer")), 30000);
    const look = () => {
      if (pressed === null || state() === before || !image.complete) requestAnimationFrame(look);
      else setTimeout(() => resolve(performance.now() - pressed));
    };
    requestAnimationFrame(look);
  });
  window.answered.catch(() => {});
}"""
# Contrast of an element's text with the nearest ground behind it, as WCAG 2 defines it.
CONTRAST = """(element) => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => channels(colour).slice(0, 3)
    .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  let ground = element;
  while (ground && (channels(getComputedStyle(ground).backgroundColor)[3] ?? 1) < 1) ground = ground.parentElement;
  const [low, high] = [luminance(getComputedStyle(element).color),
                       ground ? luminance(getComputedStyle(ground).backgroundColor) : 1].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""


class LabPage:
    """One browser page on JupyterLab."""

    def __init__(self, page, server):
        self.page, self.server = page, server
        self.errors: list[str] = []
        self.outside: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(f"{message.text} @ {message.location.get('url', '')}")
                if message.type == "error" else None)
        page.context.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            self.outside.append(url)

    def open(self, notebook: str, theme: str = "JupyterLab Light") -> None:
        """Open a notebook, path relative to the served folder, and wait until its kernel can be used."""
        self.page.goto(f"{self.server.url}/lab/workspaces/test/tree/{quote(notebook)}?token={self.server.token}&reset")
        self.page.wait_for_function(READY, timeout=90_000)
        self.use_theme(theme)

    def use_theme(self, theme: str) -> None:
        """Change the theme, and wait until it is there."""
        self.page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        self.page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")

    def run_all(self) -> list[dict]:
        """Run every cell and wait for what it shows; the outputs that are errors or on stderr."""
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function(IDLE, timeout=120_000)
        self.page.wait_for_function(WIDGETS_STAND, polling=100)
        return [output for output in self.page.evaluate(OUTPUTS)
                if output["output_type"] == "error" or output.get("name") == "stderr"]

    def lock_in_all(self) -> None:
        """Answer every open prediction with its first option, and wait until nothing is locked any more."""
        for question in self.page.locator(".course-question").all():
            if question.get_by_role("button").inner_text() == "Lock in":
                question.get_by_role("radio").first.check()
                question.get_by_role("button").click()
                question.get_by_text("You predicted").wait_for()
        self.page.wait_for_function(NOTHING_LOCKED)

    def latencies(self, control, image, presses: int = 30) -> list[float]:
        """Milliseconds from key press to picture, one press after the other, to and fro."""
        found = []
        control.focus()
        at_its_end = control.evaluate("(slider) => slider.value === slider.max")
        for i in range(presses):
            image.evaluate(ARM)
            self.page.keyboard.press("ArrowRight" if i % 2 == at_its_end else "ArrowLeft")
            found.append(self.page.evaluate("() => window.answered"))
        return found

    def changes_the_picture(self, control, explorer) -> bool:
        """Whether moving a control from one end to the other shows another picture; it is then put back.

        Left at its end it could hide what the next control does: a step schedule with gamma = 1 has no stages.
        """
        seen, before = [], control.evaluate("(slider) => slider.value")
        control.focus()
        for key in ("Home", "End"):
            self.page.keyboard.press(key)
            self.wait_until_still(explorer)
            seen.append(explorer.locator("img").get_attribute("src"))
        control.evaluate("""(slider, value) => {
          slider.value = value;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        }""", before)
        self.wait_until_still(explorer)
        return seen[0] != seen[1]

    def wait_until_still(self, explorer) -> None:
        """Wait until the last move was answered and its picture has been there for three frames."""
        explorer.locator("img").evaluate("""(image) => new Promise((resolve) => {
          const explorer = image.closest(".course-explorer");
          let last, same = 0;
          const look = () => {
            const answered = explorer.dataset.answered === explorer.dataset.asked;
            same = image.src === last && image.complete && answered ? same + 1 : 0;
            last = image.src;
            same > 3 ? resolve() : requestAnimationFrame(look);
          };
          look();
        })""")

    def contrast(self, element) -> float:
        return element.evaluate(CONTRAST)

    def assert_quiet(self) -> None:
        """Nothing on the browser's console, and no request left the machine."""
        assert self.errors == []
        assert self.outside == []

    def close(self) -> None:
        self.page.evaluate("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")


def summary(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    p95 = ordered[round(0.95 * (len(ordered) - 1))]
    return (f"key to picture over {len(ordered)} presses: median {statistics.median(ordered):.0f} ms, "
            f"95th percentile {p95:.0f} ms, worst {ordered[-1]:.0f} ms")
