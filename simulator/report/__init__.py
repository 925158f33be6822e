"""What a run was like, for people: figures out of its log, and one page that shows them."""
