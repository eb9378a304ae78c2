"""One story from hit to law: lists, a payment, verdict, case, freeze, suspensions, wages, refusal, delisting, check."""
