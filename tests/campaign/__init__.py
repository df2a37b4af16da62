"""Long campaigns against the rules of a refund: far more runs than a test suite has time for."""
