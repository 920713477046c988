"""A session for people and other programs: the page for the coach, tables, landmark files."""
