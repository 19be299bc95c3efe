"""Rules about where what runs comes from: pinned, fetched safely, and free of leftovers."""
