"""The counter: a shell of screens over `RefundService`. It decides nothing about money."""
