"""How a result is shown to a person: in numbers, a sentence, a table and a small picture."""
