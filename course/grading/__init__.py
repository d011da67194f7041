"""What an instructor calls: one notebook checked, or a class graded, each submission in a process of its own.

The expected answers never enter that process, and what comes out of it is data that cannot run. What a determined
student can still do, as long as the child stands in no sandbox: go past the audit hook with compiled code (ctypes, a
numba function that calls libc) and read the specifications on the same disk; call the kernel of the library through
such code; guess the hidden cases where the seed is known or left at its default.
"""
