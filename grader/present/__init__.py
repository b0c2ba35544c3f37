"""Everything that is shown to a person; nothing else escapes or colours a text."""
