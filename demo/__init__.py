"""The demo: shipped lists and payments, screened on two commands. `python -m demo` from the checkout runs it."""
