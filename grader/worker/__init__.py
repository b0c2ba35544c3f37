"""What runs inside the sandbox.

The zygote, the isolation of its children, and the loop that answers the judge.

Nothing here knows an expected value, a seed, a tolerance, a check or a solution. Of this project it
imports `wire` and `errors`, nothing else, and nothing else is mounted where it runs.
"""
