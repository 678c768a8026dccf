"""How draws are made: arrays in, draws out. Nothing here knows of pandas, dates or finance."""
