"""The shell of words: every screen is also a command. It decides nothing about money."""
