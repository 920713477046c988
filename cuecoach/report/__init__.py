"""What is told of a session to people and to other programs: the page for the coach, tables, landmark files."""
