"""posrefund: the point-of-sale refund companion for CCV's Payment API."""

__version__ = "0.1.0"
