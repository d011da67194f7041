"""The diagnoses that fit any exercise: what is wrong with one answer, as a sentence to the student.

Each names what was given, what was expected and what to try. The mistakes of a particular exercise are its
misconceptions; they are recognised in `checking`.
"""

from __future__ import annotations

from ast import literal_eval
from dataclasses import dataclass

from course.exercises.answering import Answer, Description
from course.exercises.compare import Difference, difference
from course.exercises.specification import Exercise
from course.exercises.values_as_text import what_is
from course.exercises.verdict import NOT_ATTEMPTED, NOT_YET, RAISED


@dataclass(frozen=True)
class Fault:
    """What is wrong, in two or three words and in a sentence. A final one ends the check: no case can add to it."""

    name: str
    message: str
    outcome: str = NOT_YET
    final: bool = False


REMEMBERS = Fault("remembers earlier calls", "Called again with these arguments, your function answers something "
                  "else. What outlives a call: a default such as state=[], a global variable that it changes? Or are "
                  "there random numbers? Make everything anew inside the function.")


def fault_before_calling(exercise: Exercise, described: Description) -> Fault | None:
    """What can be seen without a call: not defined, not started, other parameters."""
    signature = f"{exercise.name}({', '.join(exercise.parameters)})"
    if not described.defined:
        return Fault("not defined", f"There is no function {exercise.name} here. Run the cell that defines it; if it "
                     f"is gone, write it again: def {signature}:", NOT_ATTEMPTED, final=True)
    if described.unsolved:
        return Fault("not started", "The body of your function is still the TODO. Write your own lines in place of "
                     "`raise NotImplementedError`, run the cell, then check again.", NOT_ATTEMPTED, final=True)
    if not described.fits or described.parameters[: len(exercise.parameters)] != exercise.parameters:
        given = f"{exercise.name}({', '.join(described.parameters)})"
        return Fault("another signature", f"Your function is {given}; expected {signature}. Give it these "
                     "parameters, in this order: the check passes them by position.", final=True)
    return None


def fault(exercise: Exercise, answer: Answer, expected: Answer) -> Fault | None:
    """What is wrong with one answer; None where it is right."""
    if answer.stopped:
        return _no_answer(exercise, answer)
    if answer.library:
        return Fault("the library did it for you", f"Your function calls {answer.library[0]}, which does the work of "
                     f"this exercise. {_allowed(exercise)}", final=True)
    if answer.raised:
        return _raised(answer)
    if answer.value is None and expected.value is not None:
        if answer.printed:
            return Fault("printed instead of returned", "Your function prints its result and returns None. Printing "
                         f"shows a value to people, `return` hands it on; expected {what_is(expected.value)}. "
                         "Replace print by return.")
        return Fault("returned None", f"Your function returns None; expected {what_is(expected.value)}. Is there a "
                     "`return` at its end, on every path?")
    found = difference(expected.value, answer.value, exercise.tolerance)
    if found and found.kind == "value" and exercise.judge:
        if lacking := exercise.judge(answer.value):
            return Fault("short of the target", lacking)
        found = None  # another answer than the reference's, and as good
    if found:
        return _different(found)
    if answer.idle:
        runner = answer.idle[0]
        return Fault(f"{runner} is never called", f"The result is right, but your function never calls {runner}: "
                     f"nothing has run side by side. Write one thread's work as a function, and hand it to {runner}.")
    if answer.overflowed and not exercise.may_overflow:
        return Fault("overflow on the way", "The result is right, but on the way a number grew beyond the largest "
                     "float and became infinite: NumPy warns of an overflow there. Both branches of np.where are "
                     "computed, also where the other one is taken.")
    if answer.wrote:
        names = " and ".join(answer.wrote)
        return Fault("wrote to its input", f"The result is right, but your function changed {names}, an array that "
                     f"belongs to its caller. `{answer.wrote[0]} -= …` writes into that array; `{answer.wrote[0]} = "
                     f"{answer.wrote[0]} - …` makes a new one.")
    return None


def _no_answer(exercise: Exercise, answer: Answer) -> Fault:
    if answer.stopped == "time":
        return Fault("ran too long", f"Your function was stopped after {exercise.seconds:g} seconds; "
                     "an answer should take a small part of that. Does the condition of your loop become false "
                     "at some point, for every input?", final=True)
    if answer.stopped == "died":
        return Fault("ended Python", "Your function ended the Python process, by os._exit, a crash or too much memory; "
                     "expected an ordinary return.", RAISED, final=True)
    return Fault("no readable answer", "Something other than your function's return value came back. Return plain "
                 "numbers or NumPy arrays, and leave the channel to the grader alone.", RAISED, final=True)


# What to try, by what Python says.
_ADVICE = {
    "truth value of an array":
        "— `if` wants one yes or no, and an array holds many: np.where(condition, a, b) chooses entry by entry.",
    "only 0-dimensional arrays can be converted":
        "— The functions of `math`, float(…) and int(…) take one number; np.exp and the like take whole arrays.",
    "argument 'dim'":
        "— You are given NumPy arrays: what PyTorch calls dim is axis here.",
    "argument 'keepdim'":
        "— You are given NumPy arrays: what PyTorch calls keepdim is keepdims here.",
    "'numpy.ndarray' object has no attribute":
        "— You are given NumPy arrays, not tensors; much that is a tensor's method is a function here, as np.exp(x).",
    "object is not callable":
        "— Round brackets after a value call it. Is a `*` missing, should they be square, or is a name taken twice?",
    "NoneType":
        "— Something is None there: an argument that may be None, or what a function without `return` gives.",
    "for ^:":
        "— A power is written `**` in Python; `^` combines bits.",
    "unsupported operand":
        "— One of the two is no number and no array: a function that is not called, a list, a tuple, text?",
    "as an integer":
        "— Counts are whole numbers: `/` always gives a float, `//` of two ints an int.",
    "slice indices must be integers":
        "— Counts are whole numbers: `/` always gives a float, `//` of two ints an int.",
    "inhomogeneous":
        "— np.array makes rectangles only, and these rows differ in length.",
    "cannot reshape":
        "— reshape keeps every number. What has been summed away too much, or not yet?",
    "AxisError":
        "— The array has fewer axes than that. They are counted from 0, and a sum or mean takes its own away.",
    "matmul: Input operand":
        "— `A @ B` needs as many columns in A as rows in B. Print both shapes: is a transpose, `.T`, missing?",
    "could not be broadcast":
        "— Print both shapes. Counted from the right, lengths must be equal or 1: keepdims=True keeps a 1.",
    "arrays used as indices must be":
        "— An index is a whole number or a mask of True and False. What is its dtype?",
    "is not defined":
        "— Is it spelt as where it is made, and was the cell run in which it is made?",
    "cannot access local variable":
        "— Some way through your function reads it before it is set, in a loop of zero rounds, say. Set it earlier.",
    "out of bounds":
        "— Indices run from 0 to the length minus 1. Print the index and the shape.",
    "index out of range":
        "— Indices run from 0 to the length minus 1. Print the index and the length.",
    "division by zero":
        "— For which input is the divisor 0, and what should the answer be there?",
    "Cannot cast ufunc":
        "— Writing into an array, as `x += …` does, cannot change its dtype: `x = x + …` makes a new one.",
}


def _raised(answer: Answer) -> Fault:
    raised = answer.raised
    place = f" in its line {raised.line}" if raised.line else ""
    source = f": `{raised.source}`" if raised.source else ""
    what = f"{raised.type}: {raised.message}" if raised.message else raised.type
    if raised.type == "TypingError":  # numba's wall of text: its second line says what is wrong
        telling = (raised.message.splitlines()[1:] or [""])[0].strip()
        what = f"TypingError: {telling} — numba compiles loops over numbers and arrays, and a part of NumPy."
    if raised.type == "NotImplementedError":
        return Fault("not started", "Your function still raises NotImplementedError. Delete that line once your own "
                     "are there.", NOT_ATTEMPTED, final=True)
    advice = next((f" {advice}" for said, advice in _ADVICE.items() if said in what), "")
    return Fault(f"raised {raised.type}", f"Your function stopped{place}{source}. Python says: {what}{advice}", RAISED)


def _different(found: Difference) -> Fault:
    subject = f"{found.where[:1].upper()}{found.where[1:]}" if found.where else "The result"
    if found.kind == "type":
        return Fault("another type", f"{subject} is {found.given}; expected {found.expected}.{_remedy(found)}")
    if found.kind == "length":
        return Fault("wrong length", f"{subject} has {found.given} items; expected {found.expected}. The "
                     "docstring says which, and in which order.")
    if found.kind == "shape":
        return Fault("wrong shape", f"{subject} has shape {found.given}; expected {found.expected}. {_reshape(found)}")
    if found.kind == "dtype":
        return Fault("wrong dtype", f"{subject} has dtype {found.given}; expected {found.expected}, that of the "
                     "input. A new array made by np.zeros or np.array is float64 or int64 unless you say dtype=….")
    if found.kind == "nan":
        return Fault("NaN or infinity", f"{subject} {found.given}; expected {found.expected}. Look for a "
                     "division by zero, a logarithm of zero, or steps that grow without end.")
    return Fault("another value", f"{subject} differs from the expected one. Work this case out by hand, line by line.")


def _remedy(found: Difference) -> str:
    given, expected = found.given, found.expected
    if expected.startswith("an array") and given.startswith("a list"):
        return " NumPy's operations give arrays; np.array(…) makes one."
    if "function" in given or "method" in given:
        return " Are the brackets of a call missing? x.sum is a function, x.sum() its result."
    if "a str" in (given, expected):
        return " Which condition of yours decides whether text is the answer? Follow it through this case."
    if expected.startswith("a list") and not given.startswith("a dict"):
        return " list(…) makes one."
    if expected.startswith("a tuple") and given.startswith(("a list", "an array")):
        return " tuple(…) makes one, and so do commas: return a, b."
    if given.startswith("a tuple") and not expected.startswith("a tuple"):
        return " One thing is asked for: a comma after `return` makes a tuple."
    if expected == "a bool" and given.startswith("an array"):
        return " One yes or no is asked for: np.all(…) or np.any(…), and bool(…) around it."
    if given.startswith("an array") and not expected.startswith(("an array", "a tuple", "a list")):
        return " One number is asked for, not one for each entry: which function makes one of many?"
    if expected in _NUMBERS and given.startswith(("a list", "a tuple")):
        return " One number is asked for: which sum, mean or index makes one of yours?"
    if expected.startswith("an array") and given in _NUMBERS:
        return " One number for each entry is asked for. Does a sum or a mean take in an axis that should stay?"
    if expected == "an int" and given in _NUMBERS:
        return " A whole number is asked for, a count or a place: `//` divides without a rest."
    if expected.startswith("a tuple"):
        return " Return the values with commas between them: return a, b."
    return " Return the plain number or NumPy array, not a class of your own."


_NUMBERS = ("a float", "an int", "a bool")


def _reshape(found: Difference) -> str:
    given, expected = literal_eval(found.given), literal_eval(found.expected)
    if sorted(given) == sorted(expected):
        return "The axes come in another order: is a transpose, `.T`, missing, or one too many?"
    if len(given) < len(expected):
        return "An axis is lost: a sum or a mean takes it away unless keepdims=True; [:, None] gives it back."
    if len(given) == len(expected) and max(abs(mine - right) for mine, right in zip(given, expected)) == 1:
        return "One is missing, or one too many: the first, the last, one between? Or is it another axis?"
    return "Print the shapes of what you combine: broadcasting stretches an axis of length 1 without a word."


def _allowed(exercise: Exercise) -> str:
    if exercise.uses:
        return f"Of `course` you may use {', '.join(exercise.uses)}; the rest is for you to write."
    return "Write it with NumPy and plain Python."
