"""What `doctor` looks at: the set-up, the line to CCV, the machine."""
