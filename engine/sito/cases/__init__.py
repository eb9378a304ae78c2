"""Cases, measures, messages, notices and checks: who may do what, when, and what the law wants next.

| module | question |
|---|---|
| `states` | Which words does a state machine have, and how is it drawn? |
| `machines` | Which steps are there, who may take them, and what begins or ends with them? |
| `roles` | Who is somebody, and may they? |
| `facts` | What is told with a step, and what of it is sealed? |
| `matches` | Which hits has a person rejected, and does that still hold? |
| `notices` | What may a client be told? |
| `takings` | What was a frozen client let have this month, and does an amount still fit? |
| `projection` | How do the tables follow from the events? |
| `guards` | What else must hold before a step? |
| `steps` | Which events does a step become? |
| `desk` | How is a step taken? The one door. |
| `deadlines` | What is due, and by when? |
| `staff` | Who is who in the bank? |
| `reception` | Who comes to the desk, and is he known? |
| `pages` | What do people see of all that? |
| `export` | How does an auditor keep it? |
| `typed` | What did somebody type? |
"""
