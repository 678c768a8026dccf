"""What was found in a user's data, apart from how it is shown: for terminal, JSON and page alike.

Findings are data; the modules named `*_words` say them in sentences, with numbers as
`puffin.showing.numbers` writes them.
"""
