"""The other end of the wire: a pretend CCV on loopback, with a ledger and scripted misbehaviour.

It is an independent witness. It shares no code with the client it watches, so the two cannot make
the same mistake: `bank` keeps the money, `routes` speaks HTTP in plain values, `server` owns the
sockets, `faults` says when to be unkind.
"""
