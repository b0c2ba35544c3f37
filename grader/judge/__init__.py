"""Where checks meet the sandbox: graders, attempts, conversations, transcripts, diagnosis.

`opening` is the way in: `open_grader` and `grade_source`.
"""
