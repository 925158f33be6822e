"""The desk: keeps the one record of every alert and lets supervisors answer it."""
