"""What an instructor calls: one notebook checked, or a class graded, each submission in a process of its own."""
