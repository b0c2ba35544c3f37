"""A course proves itself: its files, its checks and every misconception."""
