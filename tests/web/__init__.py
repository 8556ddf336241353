"""The pages and what every request passes."""
