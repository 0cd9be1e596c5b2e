"""The Textual front end: panes that show the fold of a journal and append decisions to it."""
