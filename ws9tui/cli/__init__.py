"""The command line: arguments, the plain front end, and the commands besides the wizard's.

`main` with `arguments` (`flags`, `values`) and `caller`; `runs` starts a run, `follow` shows it without panes:
`questions` with `answer` and `selection`, `output` (plain or JSON), `colour` with `looks` and `screen`,
`terminal` (which of them the terminal supports). Other commands: `attach`, `cancel`, `history` with `generations`,
`report` with `report_html`, `report_style` and `report_markdown`, `demo`, `unit`, `websoft9_upgrade`; and about the
program itself: `help`, `manual`, `completion` with `completion_bash`, `completion_fish` and `completion_zsh`.
"""
