"""The index as a projection of the topics: one writer, rebuild from Kafka, audit, dead letters.

    client       the connection, and the mapping of the client's errors to ours
    layout       templates, indices and aliases
    events       records of topics as changes to documents
    placement    in which monthly index an item's document lies
    bulk         one bulk request, every item of its answer read
    writer       ``ElasticWriter``: events in, documents out (port ``IndexWriter``)
    log          reading topics from end to end
    rebuild      all documents again from the topics, then the aliases are switched
    audit        where every record of the input topics ended
    deadletters  list, show and replay what could not be processed

The documents themselves are made in :mod:`processors.fold`.
"""
