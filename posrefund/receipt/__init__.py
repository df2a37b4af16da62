"""What the customer takes home: the slip, and the QR code of the cashier's page."""
