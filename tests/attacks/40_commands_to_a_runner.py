# /// attack
# row = 40
# expect = ["FAILED"]
# invariant = "no line of a report, however it is shown, is a command to a CI runner"
# ///
"""Exceptions, types and printed lines that a CI runner would obey."""

WORDS = "no\n::error file=x,line=1::forged\n##[group]forged\n##[error]forged\r\n::set-output name=a::b\x85::warning::\u2028::stop-commands::x"
print(WORDS, flush=True)
Evil = type(WORDS, (Exception,), {})


def lstm_cell(*arguments):
    print(WORDS, flush=True)
    raise Evil(WORDS)
