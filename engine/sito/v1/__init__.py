"""Classes generated from proto/sito/v1 by `make proto`; never edited by hand."""
