"""The Docker engine: its SDK (`client`, `calls`, `data` and `engine` know it, nothing else), addresses and answers."""
