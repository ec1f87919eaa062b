"""The encrypted store of the kit: SQLAlchemy over SQLCipher."""
