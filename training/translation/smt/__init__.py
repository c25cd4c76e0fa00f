"""How Planet SMT comes to be: align, extract, score, language model, tune, export; one command each."""
