"""How a database of an earlier schema becomes one of the next; in one transaction.

Tables that are wholly new are made afterwards, from desk/schema.py.
"""

#: From each version to the next: SQL statements.
MIGRATIONS: dict[int, tuple[str, ...]] = {
    2: ("ALTER TABLE alerts ADD COLUMN overdue_ms INTEGER",),
    3: ("ALTER TABLE badges ADD COLUMN missed BOOLEAN DEFAULT '0' NOT NULL",),
}
