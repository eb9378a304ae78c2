"""The data tables of the trade and the readable reference twins of the native kernels.

letters.py     which code point becomes which Latin letters; look-alike letters; what separates words
keys.py        one key for the many romanisations of a word
fold.py        text to tokens: the twin of `sito_ext.fold`, and the packed table both read
readings.py    what a text says on another keyboard layout, or with its single letters joined: the twin of
               `sito_ext.readings`
distance.py    edit distance: the twin of the distance inside `sito_ext.vocabulary`
words.py       legal forms, generic words and titles with their weights
align.py       names against texts: the twin of `sito_ext.scorer`
"""
