"""What the browser tests do in JupyterLab, and what they watch meanwhile."""

from __future__ import annotations

import statistics
from urllib.parse import quote, urlsplit

READY = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  return !!(kernel && kernel.connectionStatus === "connected" && kernel.status === "idle" && panel.content?.activeCell);
}"""
RUN_ALL = """async () => {
  const done = await window.jupyterapp.commands.execute("notebook:run-all-cells");
  return done;
}"""
IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter((cell) => cell.model.type === "code")
  .map((cell, i) => ({ cell: i, outputs: cell.model.toJSON().outputs }))"""
# From the key press (the event's own time stamp) to the animation frame in which another picture is on show.
LATENCY = """(image) => new Promise((resolve, reject) => {
  const before = image.src;
  setTimeout(() => reject(new Error("5 s after the key press the picture is the same")), 5000);
  let pressed = null;
  const onKey = (event) => { pressed ??= event.timeStamp; };
  window.addEventListener("keydown", onKey, true);
  const look = (now) => {
    if (pressed !== null && image.src !== before && image.complete) {
      window.removeEventListener("keydown", onKey, true);
      setTimeout(() => resolve(performance.now() - pressed));  // this frame has been painted by then
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


class LabPage:
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
        page = self.page
        page.goto(f"{self.server.url}/lab/workspaces/test/tree/{quote(notebook)}?token={self.server.token}&reset")
        page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext", timeout=90_000)
        page.wait_for_function(READY, timeout=90_000)
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)

    def run_all(self) -> list[dict]:
        """Run every cell; returns the outputs that are errors or on stderr."""
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function(IDLE, timeout=60_000)
        return [{"cell": cell["cell"], **output} for cell in self.page.evaluate(OUTPUTS) for output in cell["outputs"]
                if output["output_type"] == "error" or output.get("name") == "stderr"]

    def latencies(self, control, image, presses: int = 30) -> list[float]:
        """Milliseconds from key press to picture, one after the other, on a control that has the focus."""
        found = []
        control.focus()
        for i in range(presses):
            waiting = image.evaluate_handle(f"(image) => ({{ answer: ({LATENCY})(image) }})")
            self.page.keyboard.press("ArrowRight" if i % 10 < 5 else "ArrowLeft")
            found.append(waiting.evaluate("(waiting) => waiting.answer"))
        return found

    def close(self) -> None:
        self.page.evaluate("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")


def summary(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return (f"key to picture over {len(ordered)} presses: median {statistics.median(ordered):.0f} ms, "
            f"95th percentile {p95:.0f} ms, worst {ordered[-1]:.0f} ms")
