"""The data tables of the trade and the readable reference twins of the native kernels.

letters.py     which code point becomes which Latin letters; look-alike letters; what separates words
keys.py        one key for the many romanisations of a word
fold.py        text to tokens: the twin of `sito_ext.fold`, and the packed table both read
readings.py    what a text says on another keyboard layout, or with its single letters joined: the twin of
               `sito_ext.readings`
korean.py      one spelling for the romanisations of a Korean name: part of the twin of `sito_ext.readings`
belarusian.py  a Belarusian spelling as Russian has it: the twin of `sito_ext.belarusian`
distance.py    edit distance: the twin of the distance inside `sito_ext.vocabulary`
forms.py       which key may be a case form of which: the twin of `sito_ext.forms`, whose table it writes
words.py       legal forms, generic words and titles with their weights, out of data/words.tsv
lexicon.py     role, rarity and variants of name words: the twin of `sito_ext.lexicon`
variants.py    groups of names that are one name, put together by hand
facts.py       all that is known of a word: the twin of `sito_ext.facts`
organisations.py  other spellings of organisations, made when an index is built
people.py      other spellings of persons, made when an index is built
align.py       names against texts: the twin of `sito_ext.scorer`
search.py      how names are found: the twin of `sito_ext.matcher`

`maketable`, `makewords` and `makelexicon` write the packed tables of data/: letters and pairs of letters, words that
say little, the lexicon.
"""
