"""The desk's pages about messages: what was sent, what will be, what failed, and what the letters say."""
