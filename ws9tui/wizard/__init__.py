"""The Textual front end: panes that show a run's state, folded from its journal, and append decisions to the journal.

`app` with `driver` (its terminal) and `pace` (when it draws), `followed` (the run), `route` (which pane is shown),
`frame` (what is on every pane) and `actions` (all keys). The panes in order: `looking`, `install`, `merge`, `images`
with `tags`, `pull`, `versions` with `accept`, `confirm`, `recreate`, `outcome`, `ending`; `recovery` and `generations`;
several use `findings` or `watching`. Dialogs and overlays: `dialogs`, `entry` with `validators`, `palette`, `logview`;
alerts: `attention`. Widgets and drawing: `block`, `cells`, `table`, `field`, `choices`, `keyline`, `theme`, `glyphs`.
"""
