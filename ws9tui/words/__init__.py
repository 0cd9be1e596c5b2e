"""All wording and sanitising: what is shown, in every front end, is made here."""
