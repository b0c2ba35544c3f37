"""A class: what was handed in by whom, and a book of marks that survives being killed."""
