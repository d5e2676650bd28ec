"""The shared language of Huiyao: models, enums, topics, ids and the exception tree. No I/O, no judgement."""
