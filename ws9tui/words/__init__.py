"""All wording and sanitising: what is shown, in every front end, is made here.

`language` chooses a catalogue, `template` says messages, `forms` and `text` write facts, numbers, lists and times;
`problems` with `texts_*` is what went wrong, `lines` and `phrases` what happened, the others are screens and commands.
"""
