"""Invoices and despatch notes as UBL 2.1: data for the brand's e-invoice tool, not legal documents (page 80, 1.4)."""
