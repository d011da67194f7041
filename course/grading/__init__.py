"""What an instructor calls: one notebook checked, or a class graded, each submission in a process of its own.

The expected answers never enter that process, and what comes out of it is data that cannot run. Around it stand, from
the inside out: an audit hook that explains what it refuses (`closed_doors`), limits and a filter of system calls that
bind compiled code too (`limits`, `system_calls`), and, where the machine has bubblewrap, a sandbox (`sandbox`). What a
determined student can still do is in docs/grading.md.
"""
