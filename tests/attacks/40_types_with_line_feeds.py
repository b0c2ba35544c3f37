# /// attack
# row = 40
# expect = ["FAILED"]
# invariant = "names of types and lone surrogates are one line of text"
# ///
"""An answer whose type's name holds line feeds, commands, formulas and a lone surrogate."""

NAME = "=cmd|' /C calc'!A0\n::error::forged\n##[group]forged\x00\x0b\ufffe\ud800"


def lstm_cell(*arguments):
    made = type("x", (), {})
    try:
        made.__name__ = made.__qualname__ = NAME.replace("\x00", "").replace("\ud800", "")
    except (TypeError, ValueError):
        pass
    print(NAME.encode("utf-8", "replace").decode())
    return {NAME: made()}, made()
