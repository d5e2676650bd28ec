"""The sample day: a working day of the district, played through all lanes on a virtual clock."""
