"""What follows from a hit: verdicts, rules of law as dated data, terms.

Pure functions of recorded facts: no clock, no environment, and nothing is read but policy and calendar files.
"""
