# /// attack
# row = 1
# expect = ["FAILED"]
# invariant = "subclasses of builtins arrive as plain builtins"
# ///
"""Subclasses of tuple, list, float, int, str and dict whose comparisons, lengths and iterators lie."""


def lying(base):
    return type(
        "Lying" + base.__name__,
        (base,),
        {
            "__eq__": lambda self, other: True,
            "__hash__": lambda self: 0,
            "__len__": lambda self: 2,
            "__bool__": lambda self: True,
            "__sub__": lambda self, other: 0.0,
            "__class__": property(lambda self: __import__("torch").Tensor),
        },
    )


def lstm_cell(x, h, c, *weights):
    return lying(tuple)((lying(float)(0.0), lying(dict)({lying(str)("a"): lying(int)(1)})))
