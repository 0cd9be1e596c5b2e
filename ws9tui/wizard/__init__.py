"""The Textual front end: panes that show the fold of a journal and append decisions to it.

`app` with `followed` (the run), `route` (which pane is shown), `frame` (what is on every pane), a module for each pane;
`dialogs`, `palette`, `logview` and `attention`; `block`, `cells`, `table`, `field`, `keyline`, `theme`, `glyphs` draw.
"""
