"""What a student calls: check an answer, take a hint, read the solution, see the progress."""

from course.exercises.notebook import NotYet, check, hint, picture, progress, require, solution

__all__ = ["NotYet", "check", "hint", "picture", "progress", "require", "solution"]
