"""Data that katas train on: sets made from a seed, and readers of the formats of real ones.

Each module holds one kind of data. What it makes is drawn from a `torch.Generator`, so that the
judge can draw it fresh; what it reads is a file of the user's own, and a broken one is a
`DataError` with file and line.
"""
