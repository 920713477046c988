"""What journal, report and commands cost, and what they survive."""
