"""Everything that puts data in: department reports, media feeds, public opinion."""
