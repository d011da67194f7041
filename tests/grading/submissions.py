"""Notebooks as students hand them in: right, mistaken, broken and hostile."""

import json
from pathlib import Path

import course

PACKAGE = Path(course.__file__).parent
UNIT = "03_gradient_descent"
IMPORTS = "import numpy as np\nfrom course.exercises import check, hint, progress, require, solution"
STEP = "def gradient_descent_step(theta, gradient, lr):\n    return theta - lr * gradient\ncheck(gradient_descent_step)"
MINIMISE = """def minimise(gradient, theta, lr, tolerance, max_steps):
    for steps in range(max_steps):
        slope = gradient(theta)
        if np.linalg.norm(slope) <= tolerance:
            return theta, steps
        theta = theta - lr * slope
    return theta, max_steps"""
LARGEST = "def largest_stable_lr(A):\n    return 2 / np.linalg.eigvalsh(A)[-1]"
LINE = """def train_line(x, y, lr, steps):
    w, b = 0.0, 0.0
    for _ in range(steps):
        error = w * x + b - y
        grad_w, grad_b = 2 * np.mean(error * x), 2 * np.mean(error)
        w, b = w - lr * grad_w, b - lr * grad_b
    return w, b"""
RIGHT = (IMPORTS, STEP, MINIMISE, LARGEST, LINE)
FULL = [1, 2, 1, 2]


def write(path: Path, *cells: str, unit: str | None = UNIT) -> Path:
    """A notebook with these code cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
        for i, cell in enumerate(cells)
    ]
    metadata = {"course": {"unit": unit}} if unit else {}
    path.write_text(json.dumps({"cells": told, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


def in_step(lines: str) -> str:
    """A wrong first exercise that does this, then answers wrongly all the same."""
    body = "\n".join(f"    {line}" for line in lines.splitlines())
    return f"def gradient_descent_step(theta, gradient, lr):\n{body}\n    return theta + lr"


# What a cell does before, between and after the right answers: none of it costs a point, or stops the class.
HARMLESS = {
    "syntax error": "def broken(:",
    "exception": "1 / 0",
    "missing module": "import a_module_that_is_not_there",
    "the lab": "from course.lab import figure",
    "sys.exit": "import sys\nsys.exit(1)",
    "os._exit": "import os\nos._exit(1)",
    "fork": "import os\nwhile True: os.fork()",
    "kill the parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "kill the group": "import os, signal\nos.killpg(0, signal.SIGKILL)",
    "endless loop": "while True: pass",
    "much memory": "hog = [0] * 10**12",
    "much output": "print('x' * 10**6)\nimport os\nos.write(1, b'x' * 10**6)",
    "magics": "%matplotlib inline\n!rm -rf /tmp/none\nx = 1",
    "another language": "%%bash\nexit 1",
    "a signal": "import os, signal\nsignal.raise_signal(signal.SIGKILL)",
    "network": "import socket\nsocket.create_connection(('127.0.0.1', 9))",
    "subprocess": "import subprocess\nsubprocess.run(['true'])",
    "threads": "import threading\nfor _ in range(50): threading.Thread(target=print).start()",
    "a deep recursion": "def f(): return f()\nf()",
}

# What the first function does to gain its point; the answer itself is wrong. The other three are right.
ATTACKS = {
    "lying eq": "class Liar(float):\n    def __eq__(self, other): return True\nreturn Liar(1)",
    "lying array": "class Liar(np.ndarray):\n    def __eq__(self, other): return True\nreturn theta.view(Liar)",
    "reading the specification": f"open({str(PACKAGE / 'exercises' / 'unit_03_gradient_descent.py')!r})",
    "listing the solutions": f"import os\nos.listdir({str(PACKAGE.parent / 'solutions')!r})",
    "a link to the specification": "import os\nos.symlink("
    f"{str(PACKAGE / 'exercises')!r}, 'here')\nopen('here/unit_03_gradient_descent.py')",
    "importing the specification": "import course.exercises.unit_03_gradient_descent as unit\n"
    "return unit.gradient_descent_step.reference(theta, gradient, lr)",
    "importing past the finder": "import sys\nsys.meta_path.pop(0)\nfor name in list(sys.modules):\n"
    "    if name.startswith('course'): del sys.modules[name]\n"
    "import course.exercises.unit_03_gradient_descent as unit\n"
    "return unit.gradient_descent_step.reference(theta, gradient, lr)",
    "reading the stack": "import sys\nframe = sys._getframe()\nwhile frame:\n"
    "    for value in frame.f_locals.values():\n"
    "        if hasattr(value, 'expected'): return value.expected.value\n    frame = frame.f_back",
    "forged answers": "import os\nfor fd in range(3, 64):\n"
    "    try: os.write(fd, b'\\0' * 7 + b'\\x40' + b'{}' * 32)\n    except OSError: pass",
    "closing everything": "import os\nos.closerange(3, 64)",
    "a huge array": "return np.zeros(10**9, dtype=np.int8)",
    "os._exit": "import os\nos._exit(0)",
    "sys.exit": "import sys\nsys.exit(0)",
    "patched numpy": "np.allclose = lambda *a, **k: True\nnp.array_equal = lambda *a, **k: True",
    "patched channel": "import sys\nsys._getframe(3).f_globals.clear()",
    "parent's memory": "import os\nopen(f'/proc/{os.getppid()}/mem', 'rb')",
    "writing elsewhere": "import pathlib\npathlib.Path.home().with_name('grades.csv').write_text('full marks')",
}
