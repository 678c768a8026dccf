"""How draws are made: arrays in, draws out. Nothing here knows of pandas, of dates or of finance."""
