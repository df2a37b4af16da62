"""Where the customer stands: a configured card terminal or SoftPOS device, and which one to use."""
