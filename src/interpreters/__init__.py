"""Interpreter booking for migrant centres and the institutions around them."""
