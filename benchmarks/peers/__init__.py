"""Other libraries beside ksfeat, each in an environment of its own: ``README.md`` says how.

The modules named after a library are run by that library's Python, where there is no ksfeat.
"""
