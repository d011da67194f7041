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


LIBC = "import ctypes\nlibc = ctypes.CDLL(None)"

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
    "an endless C stack": "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    pass\n"
    "A.__repr__ = lambda self: repr(self)\nrepr(A())",
    "10,000 lines": "for i in range(10_000): print(i)",
    "a loop that catches everything": "while True:\n    try:\n        while True: pass\n    except: pass",
    "a loop without its alarm": "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass",
    "ignored signals": "import signal\nfor s in (14, 15, 2, 24, 25):\n    signal.signal(s, signal.SIG_IGN)\n"
    "while True: pass",
    "sleeping": "import time\ntime.sleep(1000)",
    "fork by ctypes": f"{LIBC}\nwhile libc.fork() >= 0: pass",
    "kill by ctypes": f"import os\n{LIBC}\nlibc.kill(os.getppid(), 9)",
    "stop by ctypes": f"import os\n{LIBC}\nlibc.kill(os.getpid(), 19)",
    "a program by ctypes": f"{LIBC}\nlibc.execv(b'/bin/sleep', (ctypes.c_char_p * 3)(b'sleep', b'100', None))",
    "limits by ctypes": f"import os\n{LIBC}\nlibc.prlimit(os.getppid(), 9, (ctypes.c_long * 2)(1, 1), None)",
    "raised limits": "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "a crash": "import ctypes\nctypes.string_at(0)",
    "atexit": "import atexit, os\natexit.register(os._exit, 3)",
    "a closed stdout": "import sys\nsys.stdout.close()\nsys.stdout = sys.stderr = sys.__stdout__ = None",
    "closed descriptors": "import os\nos.closerange(3, 256)",
    "no descriptors left": "kept = []\nwhile True: kept.append(open('/dev/null'))",
    "a large file": "open('large', 'wb').write(b'x' * 2**27)",
    "a pickle": "import pickle\npickle.loads(b'cos\\nsystem\\n(S\"true\"\\ntR.')",
    "the garbage collector": "import gc\ngc.get_objects()\ngc.disable()",
    "a profiler": "import sys, os\nsys.setprofile(lambda *a: os._exit(0))",
    "an import hook": "import sys\nsys.meta_path.clear()\nsys.path.clear()",
    "patched results": "import numpy as np\nnp.allclose = np.array_equal = lambda *a, **k: True",
    "a patched course": "import course, course.exercises\ncourse.exercises.check = course.exercises.require = print",
    "half a character": "x = '\ud800'",
    "a null byte": "x = 1\0",
    "a hundred brackets": "x = " + "(" * 300 + ")" * 300,
    "a huge number": "x = 10 ** 10 ** 8",
    "an exception that lies": "class E(Exception):\n    def __str__(self): raise E\nraise E",
    "an exception with a page in it": "raise ValueError('</p><script>alert(1)</script>\x1b[2J')",
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
    "lying type": "class Liar:\n    __class__ = np.ndarray\n    dtype, shape = theta.dtype, theta.shape\n"
    "    def __eq__(self, other): return True\n    def __array__(self, *a, **k): return theta\nreturn Liar()",
    "lying metaclass": "class Meta(type):\n    def __eq__(self, other): return True\n    __hash__ = type.__hash__\n"
    "    __name__ = property(lambda self: 'ndarray')\nclass Liar(metaclass=Meta): pass\nreturn Liar()",
    "array function": "class Liar(np.ndarray):\n    def __array_function__(self, *a): return True\n"
    "    def __array_ufunc__(self, *a, **k): return np.True_\nreturn theta.view(Liar)",
    "objects in an array": "return np.array([object()] * theta.size, dtype=object).reshape(theta.shape)",
    "NaN everywhere": "return np.full_like(theta, np.nan)",
    "a generator": "return (value for value in theta)",
    "a deep list": "deep = []\nfor _ in range(10_000): deep = [deep]\nreturn deep",
    "an endless list": "endless = []\nendless.append(endless)\nreturn endless",
    "a huge integer": "return 10 ** 10_000",
    "an exception called passed": "passed = type('passed', (Exception,), {})\nraise passed('passed')",
    "an exception that hangs": "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
    "endless printing": "while True: print('passed' * 1000)",
    "a loop that catches everything": "while True:\n    try:\n        while True: pass\n    except: pass",
    "answers of its own": "import sys\nframe = sys._getframe()\nwhile frame:\n"
    "    if 'channel' in frame.f_locals:\n        channel = frame.f_locals['channel']\n"
    "        request = frame.f_locals['request']\n        channel.send({'id': request['id'], 'value': theta, "
    "'wrote': (), 'printed': '', 'raised': None, 'stopped': '', 'library': ()})\n    frame = frame.f_back",
    "a verdict of its own": "import sys\nframe = sys._getframe()\nwhile frame:\n"
    "    if 'channel' in frame.f_locals:\n        frame.f_locals['channel'].send({'outcome': 'passed', 'points': 1})\n"
    "    frame = frame.f_back",
    "the course's own sources": "import sys\nsys.meta_path.pop(0)\n"
    f"sys.path.insert(0, {str(PACKAGE.parent)!r})\nsys.modules.pop('course')\nfrom course.optim import SGD",
    "references by gc": "import gc\nfor thing in gc.get_objects():\n"
    "    if hasattr(thing, 'expected'): return thing.expected.value",
    "a fake result file": "open('grades.json', 'w').write('{\"points\": 6}')\n"
    "open('gradient_descent_step.json', 'w').write('passed')",
    "other submissions": "import os, glob, tempfile\n"
    "for folder in ('..', tempfile.gettempdir(), '/tmp', '/home', '/root'):\n"
    "    for path in glob.glob(folder + '/**/*.ipynb', recursive=True):\n"
    "        names = {}\n        exec(open(path).read(), names)\n"
    "        return names['gradient_descent_step'](theta, gradient, lr)",
    "kill by ctypes": f"{LIBC}\nimport os\nlibc.kill(os.getppid(), 9)",
    "fork by ctypes": f"{LIBC}\nwhile libc.fork() > 0: pass",
    "a crash": "import ctypes\nctypes.string_at(0)",
    "changed arguments": "theta -= lr * gradient",
    "freed memory": "import ctypes\nctypes.memset(id(theta), 0, 64)",
    "writing elsewhere": "import pathlib\npathlib.Path.home().with_name('grades.csv').write_text('full marks')",
}
