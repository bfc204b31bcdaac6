"""Where something happened: points and texts in, an area and how it was found out (decision 0025).

- an event's day has its division               divisions
- points, whatever their system and order       points: coordinates, grid
- what people write, by the registers           written: gazetteer, houses, named, roads
- a text and what its words say of where        writing: lexicon, spelling, numbers, heading, relations
- words that explain nothing of where           strangers: descriptions, vocabulary, the lists of names
- all names must agree                          claims, answers
- what comes out                                locate, place
"""
