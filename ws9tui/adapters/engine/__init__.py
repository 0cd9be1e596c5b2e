"""The Docker engine: the one place that knows the SDK (`client`, `data`, `engine`), its addresses and its answers."""
