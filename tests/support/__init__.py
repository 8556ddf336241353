"""What many tests need: databases, running servers, and the checks of the house's own rules."""
