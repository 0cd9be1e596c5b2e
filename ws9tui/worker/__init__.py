"""The detached process that does the work; front ends see only its journal."""
