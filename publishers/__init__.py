"""Everything that goes out: bulletins and alert channels."""
