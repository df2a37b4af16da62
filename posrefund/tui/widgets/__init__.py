"""The parts screens are made of. Foreign text is only ever given to them as plain `Content`."""
