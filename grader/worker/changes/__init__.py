"""Small changes of a submission's text, each of which can be put in force in one module.

A mistake is often one operator, one constant, one name or one line that stands too far to the
right. A text with every such change in it is compiled once, and then asked with one after the other
in force, so that hundreds of them cost a call each.

Nothing of this is ever shown: where a change is that makes answers right, there the mistake is.
"""
