"""The gRPC service of sito: decode, call the library, encode. `sito serve` starts it."""
