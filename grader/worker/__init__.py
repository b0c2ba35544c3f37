"""What runs inside the sandbox.

The zygote, the isolation of its children, and the loop that answers the judge.

Nothing here knows an expected value, the seed of the cases, a tolerance, a check or a solution. (A
call may carry a seed for torch's generator, drawn for that call; no case follows from it.) Of this
project it imports `wire` and `errors`, nothing else, and nothing else is mounted where it runs.
"""
