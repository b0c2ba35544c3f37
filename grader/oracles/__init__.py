"""What several katas' checks have in common: torch's answers, and how answers are held to them."""
