"""Simulation: the product's own use-cases on made-up demand, one policy beside another."""
