"""What notebooks import: pictures with words, sliders, predictions, quizzes and live training curves.

    from course.lab import Bowl, Descent, explore, figure, log_slider, predict, quiz, recall

Importing it gives matplotlib the course's look.
"""

from . import style
from .arrays import Broadcasting, Memory
from .controls import choice, log_slider, slider, switch
from .curves import Curves
from .descent import Descent
from .explorer import explore
from .formulas import formula_map
from .graph import draw_graph
from .methods import optimizer, walk
from .picture import figure
from .predictions import predict, recall
from .quizzes import quiz
from .style import panels, subplots
from .surfaces import Bowl, NoisyValley, Parabola, Rosenbrock, Saddle, Surface
from .text import number
from .threads import Threads, draw_threads
from .training import progress_bar, training_curve
from .windows import Sliding, Windows

__all__ = [
    "Bowl", "Broadcasting", "Curves", "Descent", "Memory", "NoisyValley", "Parabola", "Rosenbrock", "Saddle", "Sliding",
    "Surface", "Threads", "Windows", "choice", "draw_graph", "draw_threads", "explore", "figure", "formula_map",
    "log_slider", "number", "optimizer", "panels", "predict", "progress_bar", "quiz", "recall", "slider", "subplots",
    "switch", "training_curve", "walk",
]

style.use()
