"""The Textual front end: panes that show the fold of a journal and append decisions to it.

`app` with `driver` (its terminal) and `pace` (when it draws), `followed` (the run), `route` (which pane is shown),
`frame` (what is on every pane) and `actions` (all keys). The panes, as they come: `looking`, `install`, `merge`,
`images` with `tags`, `pull`, `versions` with `accept`, `confirm`, `recreate`, `outcome`, `ending`; `recovery` and
`generations`; several have `findings` or `watching`. Over them: `dialogs`, `entry` with `validators`, `palette`,
`logview`; besides: `attention`. What draws: `block`, `cells`, `table`, `field`, `choices`, `keyline`, `theme`,
`glyphs`.
"""
