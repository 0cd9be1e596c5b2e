"""All wording and sanitising: what is shown, in every front end, is made here.

`language` chooses a catalogue, `template` says messages, `forms` and `text` write facts, numbers, lists and times,
`labels` and `phrases` what is named or said alike in many places, `commands` what people are to type.

- What went wrong: `problems` with `wording` and a module of `texts_*` for each of :mod:`ws9tui.problems`.
- What happened: `lines` with `lines_prepare`, `lines_commit` and `of_events`, `hooks`; how it ended: `outcome`,
  `up_to_date`; all of it: `history`, `history_run`, `report`, `report_times`, `generations`, `generation_diff`.
- What will happen: `plan` with `plan_line`, `plan_data` and `plan_summary`, `offers`, `survey`, `projects`, `bundles`.
- Screens: `panes` with `panes_prepare`, `panes_commit`, `panes_generations`, `panes_install` and `panes_merge`,
  `safety`, `help`, `attention`. Line by line: `dialogues`, `blocks` (tables and facts, however drawn).
- The command line: `command_help`, `command_examples`, `manual`, `scenarios`, `websoft9_upgrade`.
"""
