"""The Docker engine: its SDK (`client`, `ssh`, `calls`, `data`, `engine` know it, nothing else), addresses, answers."""
