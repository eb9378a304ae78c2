"""The version of the engine, written into every index and every answer."""

VERSION = "0.1.0"
