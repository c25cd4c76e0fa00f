"""How models come to be: one folder per system, and the loop, cards and publishing they share."""
