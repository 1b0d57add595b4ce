"""What the log says about the clinic: how inquiries become calls, how fast, and who comes."""
