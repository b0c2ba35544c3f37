"""What was handed in: which file answers which kata, and what it holds."""
