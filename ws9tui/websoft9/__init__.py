"""What is known of Websoft9: its layouts, its releases, and which of its data moves with a version."""
