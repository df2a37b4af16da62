"""Builds what people install, and tries each as they have it: a command each, minutes not tests."""
