"""The judge's side of the sandbox: the zygote, the workers that it forks, and how to start them.

Requests go out to a worker, replies come back, or the worker is late, dead or talking nonsense;
each of those is an exception that names it, and none of them leaves the judge waiting past its
deadline.
"""
