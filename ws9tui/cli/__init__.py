"""The command line: arguments, the plain front end, the history."""
