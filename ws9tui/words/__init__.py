"""All user-facing text and its sanitising, for every front end.

`language` selects a catalogue, `template` fills messages, `forms` and `text` format facts, numbers, lists and times,
`labels` and `phrases` hold names and phrases used in several places, `commands` the commands that messages name.

- Problems: `problems` with `wording` and a module of `texts_*` for each of :mod:`ws9tui.problems`.
- Events: `lines` with `lines_prepare`, `lines_commit` and `of_events`, `hooks`; the end of a run: `outcome`,
  `up_to_date`; recorded runs: `history`, `history_run`, `report`, `report_times`, `generations`, `generation_diff`.
- Plans and surveys: `plan` with `plan_line`, `plan_data` and `plan_summary`, `offers`, `survey`, `projects`, `bundles`.
- Screens: `panes` with `panes_prepare`, `panes_commit`, `panes_generations`, `panes_install` and `panes_merge`,
  `safety`, `help`, `attention`. Line by line: `dialogues`, `blocks` (tables and facts, however drawn).
- The command line: `command_help`, `command_examples`, `manual`, `scenarios`, `websoft9_upgrade`.
"""
