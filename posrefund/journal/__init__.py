"""The memory: one port, `refund.ports.Journal`, and what implements it."""
