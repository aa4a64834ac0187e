"""What people and their tools ask of the database: one file a noun, SQLModel, within one workspace."""
