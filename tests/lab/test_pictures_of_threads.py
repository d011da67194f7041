"""The pictures of threads and cells say what the trace says."""

import numpy as np

from course.exercises import picture
from course.exercises.registry import find
from course.lab import Threads, draw_threads
from course.lab.stage import Stage
from course.lab.threads import Canvas, in_words
from course.threads import trace

cuda = None  # what `cuda` means inside a kernel is decided by whoever runs it


def add_ten(out, x):
    i = cuda.grid(1)
    if i < x.size:
        out[i] = x[i] + 10


def unguarded(out, x):
    out[cuda.grid(1)] = x[cuda.grid(1)] + 10


def arguments(n=10, threads=4, blocks=3, kernel=add_ten):
    return kernel, blocks, threads, np.zeros(n, np.float32), np.ones(n, np.float32)


def drawn(*launch):
    stage = Stage(Threads(lambda: launch))
    stage.frame()
    return stage.scene.canvas


def test_cells_threads_and_lines_are_those_of_the_trace():
    canvas = drawn(*arguments())
    assert len(canvas.cells.get_paths()) == 10 + 12 + 10
    assert len(canvas.lines.get_segments()) == 20


def test_what_lies_beside_the_array_is_drawn_and_said():
    canvas = drawn(*arguments(kernel=unguarded))
    assert len(canvas.cells.get_paths()) == 12 + 12 + 12
    assert "OutOfBounds" in in_words(trace(*arguments(kernel=unguarded)))


def test_no_thread_at_all_is_drawn_too():
    scene = Stage(Threads(arguments))
    scene.frame(n=1, threads=1, blocks=1)
    image, caption = scene.frame(n=16, threads=8, blocks=4)
    assert "32 threads, of which 16 do nothing" in caption and image.std() > 0
    assert scene.redraws == 1  # a move restores the background


def test_draw_threads_prints_its_words_outside_jupyter(capsys):
    done = draw_threads(*arguments(), caption="Ten numbers.")
    assert len(done.accesses) == 20
    assert "Ten numbers. 12 threads, of which 2 do nothing: 10 reads, 10 writes." in capsys.readouterr().out


def test_a_puzzle_is_shown_beside_what_is_wanted(capsys):
    def square_all(launch, x, threads):
        raise NotImplementedError

    picture(square_all)
    told = capsys.readouterr().out
    assert "yours: not started." in told and "wanted: 9 threads, of which 2 do nothing: 14 reads, 7 writes." in told

    def square_all(launch, x, threads):
        launch(lambda out, x: out.__setitem__(99, 1), 1, threads, np.zeros_like(x), x)

    picture(square_all)
    assert "OutOfBounds" in capsys.readouterr().out
    picture(find("square_all").reference)
    assert capsys.readouterr().out.count("7 writes") >= 2


def test_every_puzzle_has_a_picture(capsys):
    for name in ("outer_sum", "rotate_left", "block_sums", "softmax_rows", "tiled_product", "histogram"):
        picture(find(name).reference)
        assert "wanted" in capsys.readouterr().out
    assert Canvas
