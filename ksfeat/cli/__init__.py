"""The command line: one file a command; each is a pure function and a thin parser."""
