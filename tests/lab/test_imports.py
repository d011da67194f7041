import subprocess
import sys


def test_the_library_stays_light():
    """`import course` loads neither the lab nor what it draws with."""
    code = ("import sys, course; "
            "print(*{'course.lab', 'matplotlib', 'ipywidgets', 'IPython', 'anywidget'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
