"""A course as data: katas, specifications, misconceptions, stubs, rubrics, workspaces, progress.

Nothing here executes a course's code, and nothing imports torch or NumPy.
"""
