"""What a person reads: plots, tables and pages. Each is a view of data that exists without it."""
