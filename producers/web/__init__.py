"""Getting pages and feeds from the web, safely: addresses, fetching, character sets, text."""
