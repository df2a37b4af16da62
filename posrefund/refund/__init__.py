"""What a refund is and how it is carried out. Start reading at `model.py`."""
